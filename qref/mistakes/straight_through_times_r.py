"""The derivative of sign read as r·1, as it is printed."""

import numpy as np

from qref.mistakes.altered_request import check
from qref.mistakes.binary_schemes import straight_through
from qref.mistakes.mistake import Mistake
from qref.numerics.tensor import Tensor
from qref.ops.request import Request

OPERATORS = ("BinaryWeightStep", "XnorActivationBackward")


def run(request: Request) -> list[Tensor]:
    check(request, OPERATORS)
    return straight_through(request, lambda r: r * (np.abs(r) <= 1))


MISTAKE = Mistake(
    name="straight-through-times-r",
    operators=OPERATORS,
    flags=("straight-through",),
    effect="A factor r on the gradient: 0.25 g instead of g at 0.25, and the other direction below 0.",
    fix="The factor is a misprint: 1 where |r| ≤ 1.",
    symptom="nearly everywhere",
    run=run,
)
