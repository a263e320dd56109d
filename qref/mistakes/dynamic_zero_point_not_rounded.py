"""DynamicQuantizeLinear that quantizes with the zero point as it was before rounding."""

import numpy as np

from qref.mistakes.dynamic_quantizing import F32, initial_zero_point, outputs, scale_of, values
from qref.mistakes.dynamic_quantizing import OPERATORS as DYNAMIC
from qref.mistakes.mistake import Mistake
from qref.numerics.tensor import Tensor
from qref.ops.request import Request


def run(request: Request) -> list[Tensor]:
    x = values(request)
    scale = scale_of(x)
    initial = np.clip(initial_zero_point(x, scale), F32(0), F32(255))
    return outputs(request, x, scale, np.rint(initial), np.rint(x / scale + initial))


MISTAKE = Mistake(
    name="dynamic-zero-point-not-rounded",
    operators=DYNAMIC,
    flags=("dynamic-range",),
    effect=(
        "x = [−253, 0.5, 0.25]: the zero point is 254, but 0.25 becomes rint(0.2515 + 254.497) = 255 (right: 0 + 254)."
    ),
    fix="Round the zero point first and add it to the rounded quotients.",
    symptom="nearly everywhere",
    run=run,
)
