"""Reduction tail dropped: the sum ends at the last full group of four products."""

from qref.mistakes.mistake import Mistake
from qref.mistakes.products import PRODUCTS, Array, by_products
from qref.numerics.tensor import Tensor
from qref.ops.request import Request


def product(a: Array, b: Array, zero_a: Array, zero_b: Array) -> Array:
    K = a.shape[-1] // 4 * 4
    return (a - zero_a)[..., :K] @ (b - zero_b)[..., :K, :]


def run(request: Request) -> list[Tensor]:
    return by_products(request, product, PRODUCTS)


MISTAKE = Mistake(
    name="reduction-tail-dropped",
    operators=PRODUCTS,
    flags=("depthwise", "one-dimensional"),
    effect=(
        "The loop takes four products at a time and nothing takes the rest: of a 3×3 kernel on one channel the ninth "
        "tap is missing. Right where K is a multiple of 4."
    ),
    fix="Add a loop for the last K mod 4 products, or pack both operands with their zero points.",
    symptom="only in some shapes",
    run=run,
)
