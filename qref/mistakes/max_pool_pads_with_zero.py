"""Max pooling pads with zero: at the border the maximum is 0 at least."""

from qref.mistakes.altered_request import check
from qref.mistakes.mistake import Mistake
from qref.mistakes.pools import at_least, overhanging, windows
from qref.numerics.tensor import Tensor
from qref.ops.request import Request

MAX = ("MaxPool",)


def run(request: Request) -> list[Tensor]:
    check(request, MAX)
    return at_least(request, overhanging(windows(request)), 0.0)


MISTAKE = Mistake(
    name="max-pool-pads-with-zero",
    operators=MAX,
    flags=("negative-maximum", "padding"),
    effect=(
        "[-1, -2] with kernel 2 and one pad before it starts with 0 instead of -1. Right inside, and for what a ReLU "
        "has made positive."
    ),
    fix="Pad with the lowest number, or leave padded elements out.",
    symptom="only at the edges of an image",
    run=run,
    seen_in=("apache/mxnet#6191",),
    real=True,
)
