"""int8 activations read as uint8: negative codes count 256 more, in the left operand and its zero point."""

from qref.mistakes.mistake import Mistake
from qref.mistakes.products import INTEGER_PRODUCTS, Array, by_products
from qref.numerics.saturation import wrap
from qref.numerics.tensor import Tensor
from qref.ops.request import Request


def product(a: Array, b: Array, zero_a: Array, zero_b: Array) -> Array:
    return (wrap(a, 8, signed=False) - wrap(zero_a, 8, signed=False)) @ (b - zero_b)


def run(request: Request) -> list[Tensor]:
    return by_products(request, product, types=("int8", None))


MISTAKE = Mistake(
    name="int8-activations-read-as-uint8",
    operators=INTEGER_PRODUCTS,
    flags=("mixed-sign", "range-ends", "zero-point"),
    effect=(
        "A kernel for uint8 activations is given int8 ones: −1 with zero point 0 counts as 255. Right where activation "
        "and zero point have one sign."
    ),
    fix="Choose the kernel by both operand types, or move int8 activations and their zero point up by 128 together.",
    symptom="only negative values",
    run=run,
)
