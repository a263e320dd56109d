"""DynamicQuantizeLinear whose zero point is rounded half away from zero."""

import numpy as np

from qref.mistakes.dynamic_quantizing import F32, initial_zero_point, outputs, scale_of, values
from qref.mistakes.dynamic_quantizing import OPERATORS as DYNAMIC
from qref.mistakes.mistake import Mistake
from qref.numerics.tensor import Tensor
from qref.ops.request import Request


def run(request: Request) -> list[Tensor]:
    x = values(request)
    scale = scale_of(x)
    zero_point = np.floor(np.clip(initial_zero_point(x, scale), F32(0), F32(255)) + F32(0.5))
    return outputs(request, x, scale, zero_point)


MISTAKE = Mistake(
    name="dynamic-zero-point-half-away",
    operators=DYNAMIC,
    flags=("dynamic-range", "tie"),
    effect=(
        "x = [−253, 257] puts the zero point at 126.5, which becomes 127 (right: 126) and moves every output by one."
    ),
    fix="Round half to even.",
    symptom="only at ties",
    run=run,
    seen_in=("sonos/tract#2672",),
    real=True,
)
