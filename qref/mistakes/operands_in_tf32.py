"""Operands in TF32: tensor cores round float32 operands to 11 bits."""

from qref.mistakes.float_products import FLOAT_PRODUCTS, TF32, with_narrow
from qref.mistakes.mistake import Mistake
from qref.numerics.tensor import Tensor
from qref.ops.request import Request


def run(request: Request) -> list[Tensor]:
    return with_narrow(request, (0, 1), TF32)


MISTAKE = Mistake(
    name="operands-in-tf32",
    operators=FLOAT_PRODUCTS,
    flags=("cancellation", "magnitudes"),
    effect=(
        "1.00048828125 · 1 gives 1: each operand is off by up to 1/2048 of itself, the sum of products by 1e-3 where "
        "float32 has 1e-7."
    ),
    fix="Ask the library for full float32 (allow_tf32 = False), or say in the documentation that it is not.",
    symptom="nearly everywhere",
    run=run,
    seen_in=("pytorch/pytorch#107514", "pytorch/pytorch#79270", "ml-explore/mlx#4242"),
    real=True,
)
