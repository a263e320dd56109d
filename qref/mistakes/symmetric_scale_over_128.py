"""A symmetric scale of 128 steps to the largest magnitude."""

from dataclasses import replace

import numpy as np

from qref.mistakes.altered_request import check, rerun
from qref.mistakes.mistake import Mistake
from qref.numerics.tensor import Tensor
from qref.ops.request import Request

OPERATORS = ("ScaleOfRange",)


def run(request: Request) -> list[Tensor]:
    check(request, OPERATORS)
    scale, zero_point = rerun(replace(request, outputs=2))
    if not request.attributes.get("symmetric", 0) or scale.data == 1:
        return [scale, zero_point]
    return [replace(scale, data=np.asarray(scale.data * np.float32(127 / 128))), zero_point]


MISTAKE = Mistake(
    name="symmetric-scale-over-128",
    operators=OPERATORS,
    flags=("symmetric-range",),
    effect="The largest magnitude gets code 128, which int8 does not have: it is clipped.",
    fix="Divide by 127.",
    symptom="nearly everywhere",
    run=run,
)
