"""Zero-point correction without the cross term: K · a_zero_point · b_zero_point is left out."""

from qref.mistakes.mistake import Mistake
from qref.mistakes.products import INTEGER_PRODUCTS, Array, by_products
from qref.numerics.tensor import Tensor
from qref.ops.request import Request


def product(a: Array, b: Array, zero_a: Array, zero_b: Array) -> Array:
    return a @ b - zero_a @ b - a @ zero_b


def run(request: Request) -> list[Tensor]:
    return by_products(request, product)


MISTAKE = Mistake(
    name="zero-point-correction-without-cross-term",
    operators=INTEGER_PRODUCTS,
    flags=("zero-point",),
    effect=(
        "Σxw − zx·Σw − zw·Σx is K·zx·zw too small: with K = 2, zx = 3 and zw = 5 by 30. Right whenever one of the two "
        "zero points is 0, so symmetric weights hide it."
    ),
    fix="Add K · zx · zw, or subtract one of the zero points beforehand.",
    symptom="only with a zero point",
    run=run,
)
