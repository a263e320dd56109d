"""uint8 weights read as int8: codes from 128 on become negative, in the right operand and its zero point."""

from qref.mistakes.mistake import Mistake
from qref.mistakes.products import INTEGER_PRODUCTS, Array, by_products
from qref.numerics.saturation import wrap
from qref.numerics.tensor import Tensor
from qref.ops.request import Request


def product(a: Array, b: Array, zero_a: Array, zero_b: Array) -> Array:
    return (a - zero_a) @ (wrap(b, 8) - wrap(zero_b, 8))


def run(request: Request) -> list[Tensor]:
    return by_products(request, product, types=(None, "uint8"))


MISTAKE = Mistake(
    name="uint8-weights-read-as-int8",
    operators=INTEGER_PRODUCTS,
    flags=("mixed-sign", "range-ends", "zero-point"),
    effect=(
        "A kernel for int8 weights is given uint8 ones: 200 with zero point 100 counts as −56 − 100 = −156 instead of "
        "100. Right where weight and zero point lie on one side of 128."
    ),
    fix="Choose the kernel by both operand types, or move uint8 weights and their zero point down by 128 together.",
    symptom="only in one number format",
    run=run,
)
