"""QuantizeLinear that multiplies by 1 / y_scale, rounded, instead of dividing."""

import numpy as np

from qref.mistakes.mistake import Mistake
from qref.mistakes.quantizing import quantization
from qref.numerics.floats import divide, multiply, round_to
from qref.numerics.tensor import Tensor
from qref.ops.request import Request


def run(request: Request) -> list[Tensor]:
    found = quantization(request)
    T = found.division
    reciprocal = divide(np.ones(()), round_to(found.scale, T), T)
    return found.rounded(multiply(round_to(found.x, T), reciprocal, T))


MISTAKE = Mistake(
    name="quantize-multiplies-by-reciprocal",
    operators=("QuantizeLinear",),
    flags=("reciprocal", "near-tie", "float16"),
    effect="1.55 with scale 0.1 gives 1.55 · 10 = 15.5 and so 16; the division gives 15.499999 and so 15.",
    fix="Divide by y_scale. A reciprocal is right only for scales that are powers of two.",
    symptom="only near ties",
    run=run,
    seen_in=("onnx/onnx#6433", "onnx/onnx-mlir#2967"),
    real=True,
)
