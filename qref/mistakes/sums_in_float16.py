"""Sums in float16: products of float32 numbers are summed up in half precision."""

from qref.mistakes.float_products import FLOAT_PRODUCTS, of_types, summed_in
from qref.mistakes.mistake import Mistake
from qref.numerics.floats import float_format
from qref.numerics.tensor import Tensor
from qref.ops.request import Request


def run(request: Request) -> list[Tensor]:
    of_types(request, ("float32",))
    return summed_in(request, float_format("float16"))


MISTAKE = Mistake(
    name="sums-in-float16",
    operators=FLOAT_PRODUCTS,
    flags=("summation-order", "cancellation", "long-sum"),
    effect=(
        "A GPU delegate that may lose precision keeps float32 tensors and sums in float16: 2048 + 1 stays 2048, "
        "1.0001 becomes 1, and 65520 infinity."
    ),
    fix="Sum float32 products in float32.",
    symptom="nearly everywhere",
    run=run,
    seen_in=("tensorflow/tensorflow#43393",),
)
