"""DynamicQuantizeLinear over the range of x alone, not extended to hold 0."""

import numpy as np

from qref.mistakes.dynamic_quantizing import F32, outputs, values
from qref.mistakes.dynamic_quantizing import OPERATORS as DYNAMIC
from qref.mistakes.mistake import Mistake
from qref.numerics.tensor import Tensor
from qref.ops.request import Request


def run(request: Request) -> list[Tensor]:
    x = values(request)
    scale = (x.max() - x.min()) / F32(255)
    zero_point = np.rint(np.clip(F32(0) - x.min() / scale, F32(0), F32(255)))
    return outputs(request, x, scale, zero_point)


MISTAKE = Mistake(
    name="dynamic-range-without-zero",
    operators=DYNAMIC,
    flags=("dynamic-range",),
    effect=(
        "x = [1, 2] gives scale 1/255 and y = [255, 255] with zero point 0 (right: scale 2/255, y = [127, 255]). "
        "Nothing shows where x changes sign."
    ),
    fix="Take min(0, min x) and max(0, max x).",
    symptom="only at the ends of the range",
    run=run,
    seen_in=("onnx/onnx#5597", "pytorch/pytorch#23838"),
    real=True,
)
