"""The derivative of sign taken as 1 everywhere."""

import numpy as np

from qref.mistakes.altered_request import check
from qref.mistakes.binary_schemes import straight_through
from qref.mistakes.mistake import Mistake
from qref.numerics.tensor import Tensor
from qref.ops.request import Request

OPERATORS = ("BinaryWeightStep", "XnorActivationBackward")


def run(request: Request) -> list[Tensor]:
    check(request, OPERATORS)
    return straight_through(request, lambda r: np.ones_like(r))


MISTAKE = Mistake(
    name="straight-through-without-mask",
    operators=OPERATORS,
    flags=("straight-through",),
    effect="A weight of 3 gets the gradient of one inside ±1: g instead of 0 through a sign, so that it runs away.",
    fix="Let the gradient through where |r| ≤ 1 only.",
    symptom="only at the ends of the range",
    run=run,
)
