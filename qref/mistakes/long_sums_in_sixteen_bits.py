"""Long sums in sixteen bits: float16 and bfloat16 operands are summed up in their own type."""

from qref.mistakes.float_products import FLOAT_PRODUCTS, of_types, summed_in
from qref.mistakes.mistake import Mistake
from qref.mistakes.products import left_of
from qref.numerics.floats import float_format
from qref.numerics.tensor import Tensor
from qref.ops.request import Request


def run(request: Request) -> list[Tensor]:
    of_types(request, ("float16", "bfloat16"))
    return summed_in(request, float_format(left_of(request).dtype))


MISTAKE = Mistake(
    name="long-sums-in-sixteen-bits",
    operators=FLOAT_PRODUCTS,
    flags=("long-sum", "summation-order", "float16", "bfloat16"),
    effect=(
        "4096 ones in float16 add up to 2048, in bfloat16 to 256: one more is below half a step. Sums of up to 511 "
        "products in float16 and 62 in bfloat16 are acceptable."
    ),
    fix="Sum in float32 and round once, or in blocks short enough and those in float32.",
    symptom="only in one number format",
    run=run,
    seen_in=("ml-explore/mlx#3909", "cactus-compute/cactus#344", "iree-org/iree#19347"),
    real=True,
)
