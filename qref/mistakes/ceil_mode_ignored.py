"""ceil_mode ignored: a last window that is not whole is left out."""

from qref.mistakes.altered_request import check, rerun
from qref.mistakes.mistake import Mistake
from qref.mistakes.pools import POOLS
from qref.numerics.tensor import Tensor
from qref.ops.request import Request


def run(request: Request) -> list[Tensor]:
    check(request, POOLS)
    return rerun(request, attributes={"ceil_mode": None})


MISTAKE = Mistake(
    name="ceil-mode-ignored",
    operators=POOLS,
    flags=("ceil-mode",),
    effect=(
        "Length 6, kernel 3, stride 2 and ceil_mode give 3 windows; it gives 2. Right where the stride divides evenly."
    ),
    fix="Round the number of windows up where ceil_mode is 1.",
    symptom="only in some shapes",
    run=run,
    seen_in=("sonos/tract#2851",),
)
