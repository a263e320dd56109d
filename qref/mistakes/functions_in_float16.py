"""Functions of float32 numbers computed in float16."""

from qref.mistakes.altered_request import check, rerun
from qref.mistakes.exponentials import FUNCTIONS
from qref.mistakes.mistake import Mistake
from qref.mistakes.products import left_of, raw
from qref.numerics.floats import decode, encode
from qref.numerics.tensor import Tensor
from qref.ops.request import Request


def run(request: Request) -> list[Tensor]:
    check(request, FUNCTIONS)
    x = left_of(request)
    if x.dtype != "float32":
        return rerun(request)
    (y,) = rerun(request, inputs={0: encode(raw(x), "float16")})
    return [encode(decode(y), "float32")]


MISTAKE = Mistake(
    name="functions-in-float16",
    operators=FUNCTIONS,
    flags=("tail", "small-argument", "large-argument"),
    effect=(
        "A delegate that may lose precision gives sigmoid(1) = 0.7309570 instead of 0.7310586, and 0 instead of "
        "4.5e-8 for −17. Right where 11 bits are enough, as at 0."
    ),
    fix="Keep float32, or ask for the permission.",
    symptom="nearly everywhere",
    run=run,
)
