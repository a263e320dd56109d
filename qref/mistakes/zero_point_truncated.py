"""A zero point that is cut in place of rounded."""

from dataclasses import replace

import numpy as np

from qref.mistakes.altered_request import check, rerun
from qref.mistakes.mistake import Mistake
from qref.numerics.tensor import Tensor
from qref.ops.request import Request
from qref.quantizers.calibration.scale_of_range import LIMITS

OPERATORS = ("ScaleOfRange",)


def run(request: Request) -> list[Tensor]:
    check(request, OPERATORS)
    scale, zero_point = rerun(replace(request, outputs=2))
    given = request.attributes
    if given.get("symmetric", 0):
        return [scale, zero_point]
    lowest = min(float(request.inputs[0].data), 0.0) if request.inputs[0] is not None else 0.0
    q_min, q_max = LIMITS[given.get("type", "uint8")]
    cut = np.clip(np.trunc(q_min - lowest / float(scale.data)), q_min, q_max) if lowest else zero_point.data
    return [scale, replace(zero_point, data=np.asarray(cut, zero_point.data.dtype))]


MISTAKE = Mistake(
    name="zero-point-truncated",
    operators=OPERATORS,
    flags=("zero-point",),
    effect="The zero point of −0.6 to 1 is 95 in place of 96, which 95.6 is nearer to.",
    fix="Round q_min − lowest/S half to even.",
    symptom="nearly everywhere",
    run=run,
)
