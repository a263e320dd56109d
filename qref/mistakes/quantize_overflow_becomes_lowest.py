"""QuantizeLinear that converts a quotient beyond int32, infinity too, by an instruction that gives INT32_MIN for it."""

import numpy as np

from qref.mistakes.mistake import Mistake
from qref.mistakes.quantizing import quantization
from qref.numerics.tensor import Tensor
from qref.ops.request import Request


def run(request: Request) -> list[Tensor]:
    found = quantization(request)
    rounded = np.rint(found.quotient())
    converted = np.where(np.abs(rounded) < 2.0**31, rounded, -(2.0**31))
    return found.saturated(converted + found.zero_point)


MISTAKE = Mistake(
    name="quantize-overflow-becomes-lowest",
    operators=("QuantizeLinear",),
    flags=("infinity", "saturation"),
    effect="+∞, or 3·10⁹ with scale 1, becomes −128 in int8 and 0 in uint8 (right: 127 and 255).",
    fix="Clamp in floating point, before the conversion to an integer.",
    symptom="only at the ends of the range",
    run=run,
    seen_in=("RedisAI/VectorSimilarity#1015", "pytorch/FBGEMM#317"),
    real=True,
)
