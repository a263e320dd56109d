"""DynamicQuantizeLinear that multiplies by 1 / scale instead of dividing."""

import numpy as np

from qref.mistakes.dynamic_quantizing import F32, outputs, scale_of, values, zero_point_of
from qref.mistakes.dynamic_quantizing import OPERATORS as DYNAMIC
from qref.mistakes.mistake import Mistake
from qref.numerics.tensor import Tensor
from qref.ops.request import Request


def run(request: Request) -> list[Tensor]:
    x = values(request)
    scale = scale_of(x)
    zero_point = zero_point_of(x, scale)
    return outputs(request, x, scale, zero_point, np.rint(x * (F32(1) / scale)) + zero_point)


MISTAKE = Mistake(
    name="dynamic-multiplies-by-reciprocal",
    operators=DYNAMIC,
    flags=("dynamic-range", "reciprocal", "near-tie"),
    effect="ONNX's own example gives 25 for −2.5 (right: 26): 1 / scale makes −127.5 of what divided is −127.49999.",
    fix="Divide by the scale.",
    symptom="only near ties",
    run=run,
    seen_in=("onnx/onnx#6433", "onnx/onnx-mlir#2967", "tinygrad/tinygrad#9301"),
    real=True,
)
