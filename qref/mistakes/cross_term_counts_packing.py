"""Cross term counts packing: the reduction is packed to a multiple of 4 with zeros, and zx · zw added for those too."""

from qref.mistakes.mistake import Mistake
from qref.mistakes.products import INTEGER_PRODUCTS, Array, by_products
from qref.numerics.tensor import Tensor
from qref.ops.request import Request


def product(a: Array, b: Array, zero_a: Array, zero_b: Array) -> Array:
    # a packed element is raw 0 on both sides, (0 − zx)(0 − zw) in the sum
    packed = -a.shape[-1] % 4
    return (a - zero_a) @ (b - zero_b) + packed * (zero_a[..., :1] @ zero_b[..., :1, :])


def run(request: Request) -> list[Tensor]:
    return by_products(request, product)


MISTAKE = Mistake(
    name="cross-term-counts-packing",
    operators=INTEGER_PRODUCTS,
    flags=("zero-point",),
    effect=(
        "K is packed with zeros to a multiple of 4 and the correction takes the packed length: with K = 2, zx = 3 and "
        "zw = 5 sums are 2·15 = 30 too large. Right for K = 4, 8, … and where one of the zero points is 0."
    ),
    fix="Use the true K in K · zx · zw, or pack with the zero points instead of zeros.",
    symptom="only in some shapes",
    run=run,
)
