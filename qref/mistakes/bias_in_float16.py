"""Bias in float16: the bias of a float32 operator is stored as half."""

from qref.mistakes.float_products import with_narrow
from qref.mistakes.mistake import Mistake
from qref.numerics.floats import float_format
from qref.numerics.tensor import Tensor
from qref.ops.request import Request

OPERATORS = ("Conv", "ConvTranspose", "Gemm")


def run(request: Request) -> list[Tensor]:
    return with_narrow(request, (2,), float_format("float16"), OPERATORS)


MISTAKE = Mistake(
    name="bias-in-float16",
    operators=OPERATORS,
    flags=("bias", "bias-broadcast", "cancellation"),
    effect=(
        "A bias of 2049 becomes 2048, one of 0.1 becomes 0.09998. Right without a bias, and where its numbers are "
        "those of float16."
    ),
    fix="Keep the bias in float32: it is as many numbers as there are channels.",
    symptom="nearly everywhere",
    run=run,
)
