"""QuantizeLinear that converts to the output type without saturation: only the low bits are kept."""

import numpy as np

from qref.mistakes.mistake import Mistake
from qref.mistakes.quantizing import as_int64, quantization
from qref.numerics.saturation import wrap
from qref.numerics.tensor import Tensor
from qref.ops.request import Request


def run(request: Request) -> list[Tensor]:
    found = quantization(request)
    whole = as_int64(np.rint(found.quotient())) + found.zero_point.astype(np.int64)
    return found.stored(wrap(whole, found.integers.bits, found.integers.signed))


MISTAKE = Mistake(
    name="quantize-wraps-instead-of-saturating",
    operators=("QuantizeLinear",),
    flags=("saturation", "infinity"),
    effect="300 to uint8 becomes 44 (right: 255), −129 to int8 becomes 127 (right: −128).",
    fix="Clamp to the output type's range before the conversion.",
    symptom="only at the ends of the range",
    run=run,
    seen_in=("Xilinx/onnx-mlir#145", "RedisAI/VectorSimilarity#1015"),
    real=True,
)
