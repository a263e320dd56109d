"""Results truncated to bfloat16: the upper half of a float32 is stored."""

from qref.mistakes.altered_request import check, rerun
from qref.mistakes.elementwise import ONE_OPERATION, computed
from qref.mistakes.float_shortcuts import cut_to_bfloat16
from qref.mistakes.mistake import Mistake
from qref.mistakes.products import left_of
from qref.numerics.floats import encode
from qref.numerics.tensor import Tensor
from qref.ops.request import Request


def run(request: Request) -> list[Tensor]:
    check(request, ONE_OPERATION)
    if left_of(request).dtype != "bfloat16":
        return rerun(request)
    return [encode(cut_to_bfloat16(computed(request)), "bfloat16")]


MISTAKE = Mistake(
    name="bfloat16-results-truncated",
    operators=ONE_OPERATION,
    flags=("bfloat16", "float-tie"),
    effect=(
        "3.14 becomes 3.125 instead of 3.140625: every second result is one unit in the last place too small. Sums "
        "and products that need 8 bits only are right."
    ),
    fix="Round to nearest even: add 0x7FFF and the last kept bit, then shift; keep NaN apart.",
    symptom="only in one number format",
    run=run,
    seen_in=("tenstorrent/tt-metal#19882", "stillwater-sc/universal#1133"),
    real=True,
)
