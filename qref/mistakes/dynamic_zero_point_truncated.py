"""DynamicQuantizeLinear whose zero point is cut to an integer."""

import numpy as np

from qref.mistakes.dynamic_quantizing import F32, initial_zero_point, outputs, scale_of, values
from qref.mistakes.dynamic_quantizing import OPERATORS as DYNAMIC
from qref.mistakes.mistake import Mistake
from qref.numerics.tensor import Tensor
from qref.ops.request import Request


def run(request: Request) -> list[Tensor]:
    x = values(request)
    scale = scale_of(x)
    zero_point = np.trunc(np.clip(initial_zero_point(x, scale), F32(0), F32(255)))
    return outputs(request, x, scale, zero_point)


MISTAKE = Mistake(
    name="dynamic-zero-point-truncated",
    operators=DYNAMIC,
    flags=("dynamic-range",),
    effect=(
        "x = [−253, 1] puts the zero point at 253.996, which becomes 253 (right: 254) and moves every output by one."
    ),
    fix="Round half to even, after clipping.",
    symptom="nearly everywhere",
    run=run,
)
