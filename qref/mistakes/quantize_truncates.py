"""QuantizeLinear that converts the quotient to an integer without rounding: cut toward zero."""

import numpy as np

from qref.mistakes.mistake import Mistake
from qref.mistakes.quantizing import quantization
from qref.numerics.tensor import Tensor
from qref.ops.request import Request


def run(request: Request) -> list[Tensor]:
    found = quantization(request)
    return found.saturated(np.trunc(found.quotient()) + found.zero_point)


MISTAKE = Mistake(
    name="quantize-truncates",
    operators=("QuantizeLinear",),
    flags=("near-tie", "tie", "float16"),
    effect="0.99 becomes 0 and −0.99 becomes 0 (right: 1 and −1): half of all values are off by one.",
    fix="Round to nearest, ties to even (nearbyint, rintf, cvtps2dq), before the zero point is added.",
    symptom="nearly everywhere",
    run=run,
    seen_in=("microsoft/onnxruntime#18576", "microsoft/onnxruntime#32452"),
    real=True,
)
