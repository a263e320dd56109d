"""Overflow saturates: a sum beyond the largest number becomes that number instead of infinity."""

from qref.mistakes.altered_request import check, rerun
from qref.mistakes.float_products import FLOAT_PRODUCTS, all_finite
from qref.mistakes.mistake import Mistake
from qref.mistakes.products import left_of
from qref.numerics.floats import decode, encode
from qref.numerics.formats import Integer
from qref.numerics.tensor import Tensor
from qref.ops.request import Request


def run(request: Request) -> list[Tensor]:
    check(request, FLOAT_PRODUCTS)
    right = rerun(request)
    if isinstance(left_of(request).format, Integer) or not all_finite(request):
        return right
    return [encode(decode(y), y.dtype, saturate=True) for y in right]


MISTAKE = Mistake(
    name="overflow-saturates",
    operators=FLOAT_PRODUCTS,
    flags=("overflow",),
    effect=(
        "256 · 256 = 65536 in float16 gives 65504, the largest finite number. Right where operands hold infinity "
        "themselves."
    ),
    fix="Round as IEEE 754 does: what lies half a step and more beyond the largest number is infinity.",
    symptom="only when sums overflow",
    run=run,
)
