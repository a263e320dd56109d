"""Operands in bfloat16: a fast mode rounds float32 operands to 8 bits and multiplies those."""

from qref.mistakes.float_products import FLOAT_PRODUCTS, with_narrow
from qref.mistakes.mistake import Mistake
from qref.numerics.floats import float_format
from qref.numerics.tensor import Tensor
from qref.ops.request import Request


def run(request: Request) -> list[Tensor]:
    return with_narrow(request, (0, 1), float_format("bfloat16"))


MISTAKE = Mistake(
    name="operands-in-bfloat16",
    operators=FLOAT_PRODUCTS,
    flags=("cancellation", "whole-numbers", "magnitudes"),
    effect=(
        "1.00390625 · 1 gives 1: each operand is off by up to 1/256 of itself. Right for numbers of 8 bits, as many "
        "tests have."
    ),
    fix="Make it an option that is off, or split each operand into three bfloat16 numbers.",
    symptom="nearly everywhere",
    run=run,
    seen_in=("microsoft/onnxruntime#17031", "microsoft/onnxruntime#27878"),
    real=True,
)
