"""Zero points added: a library whose offsets are added is given zero points, which are subtracted."""

from qref.mistakes.mistake import Mistake
from qref.mistakes.products import INTEGER_MATRIX_PRODUCTS, Array, by_products
from qref.numerics.tensor import Tensor
from qref.ops.request import Request


def product(a: Array, b: Array, zero_a: Array, zero_b: Array) -> Array:
    return (a + zero_a) @ (b + zero_b)


def run(request: Request) -> list[Tensor]:
    return by_products(request, product, INTEGER_MATRIX_PRODUCTS)


MISTAKE = Mistake(
    name="zero-points-added",
    operators=INTEGER_MATRIX_PRODUCTS,
    flags=("zero-point",),
    effect=(
        "Some GEMMs take offsets that they add. Given zero points, A = 7 with zero point 5 counts as 12 instead of 2."
    ),
    fix="Hand such a library the negated zero point; mind that −(−128) does not fit int8.",
    symptom="only with a zero point",
    run=run,
    seen_in=("ARM-software/ComputeLibrary#1033",),
    real=True,
)
