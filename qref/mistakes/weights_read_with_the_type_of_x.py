"""Weights read with the type of x: the kernel is chosen by the left operand's type alone."""

from qref.mistakes.mistake import Mistake
from qref.mistakes.products import INTEGER_PRODUCTS, Array, by_products, operands
from qref.numerics.saturation import wrap
from qref.numerics.tensor import Tensor
from qref.ops.request import Request


def run(request: Request) -> list[Tensor]:
    def product(a: Array, b: Array, zero_a: Array, zero_b: Array) -> Array:
        signed = operands(request).types[0] == "int8"
        return (a - zero_a) @ (wrap(b, 8, signed) - wrap(zero_b, 8, signed))

    return by_products(request, product)


MISTAKE = Mistake(
    name="weights-read-with-the-type-of-x",
    operators=INTEGER_PRODUCTS,
    flags=("mixed-sign",),
    effect=(
        "With uint8 x and int8 w a weight of −1 counts as 255; with int8 x and uint8 w a weight of 255 as −1. Right "
        "where both types are the same."
    ),
    fix="Dispatch on both types: ONNX lets x and w differ in sign.",
    symptom="only in one number format",
    run=run,
)
