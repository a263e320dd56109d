"""QuantizeLinear from opset 23 that divides in float64."""

import numpy as np

from qref.errors import Unsupported
from qref.mistakes.mistake import Mistake
from qref.mistakes.quantizing import quantization
from qref.numerics.tensor import Tensor
from qref.ops.request import Request


def run(request: Request) -> list[Tensor]:
    found = quantization(request)
    if request.opset < 23:
        raise Unsupported("before opset 23 the exact quotient is acceptable")
    with np.errstate(over="ignore"):
        return found.rounded(found.x / found.scale)


MISTAKE = Mistake(
    name="quantize-divides-in-float64",
    operators=("QuantizeLinear",),
    flags=("near-tie", "float16", "bfloat16", "int32-precision", "precision"),
    effect=(
        "0.35 / 0.1 in float32 is 3.5 exactly, so 4; in float64 it is 3.4999999, so 3. For int32 inputs above 2²⁴ "
        "the conversion to float32 is missing as well."
    ),
    fix="Convert x and y_scale to y_scale's type (or precision), divide there, round once.",
    symptom="only near ties",
    run=run,
)
