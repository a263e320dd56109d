"""DynamicQuantizeLinear whose values are rounded half away from zero."""

import numpy as np

from qref.mistakes.dynamic_quantizing import F32, outputs, scale_of, values, zero_point_of
from qref.mistakes.dynamic_quantizing import OPERATORS as DYNAMIC
from qref.mistakes.mistake import Mistake
from qref.numerics.tensor import Tensor
from qref.ops.request import Request


def run(request: Request) -> list[Tensor]:
    x = values(request)
    scale = scale_of(x)
    quotient = x / scale
    away = np.copysign(np.floor(np.abs(quotient) + F32(0.5)), quotient)
    zero_point = zero_point_of(x, scale)
    return outputs(request, x, scale, zero_point, away + zero_point)


MISTAKE = Mistake(
    name="dynamic-half-away",
    operators=DYNAMIC,
    flags=("dynamic-range", "tie"),
    effect="x = [−127, 128, 0.5] gives [0, 255, 128] (right: [0, 255, 127]).",
    fix="Round half to even.",
    symptom="only at ties",
    run=run,
    seen_in=("sonos/tract#2672",),
    real=True,
)
