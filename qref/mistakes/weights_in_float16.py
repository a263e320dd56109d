"""Weights in float16: float32 weights are stored as half, and outside its range lost."""

from qref.mistakes.float_products import FLOAT_PRODUCTS, with_narrow
from qref.mistakes.mistake import Mistake
from qref.numerics.floats import float_format
from qref.numerics.tensor import Tensor
from qref.ops.request import Request


def run(request: Request) -> list[Tensor]:
    return with_narrow(request, (1,), float_format("float16"))


MISTAKE = Mistake(
    name="weights-in-float16",
    operators=FLOAT_PRODUCTS,
    flags=("magnitudes", "cancellation", "subnormal"),
    effect=(
        "A weight of 1e-8 becomes 0 and one of 1e5 infinity; all others keep 11 bits. Right where weights are numbers "
        "of float16."
    ),
    fix="Convert weights only where the user asks for it, and refuse those beyond 65504.",
    symptom="nearly everywhere",
    run=run,
    seen_in=("ml-explore/mlx#3953",),
)
