"""The derivative of sign taken as 0 at |r| = 1."""

import numpy as np

from qref.mistakes.altered_request import check
from qref.mistakes.binary_schemes import straight_through
from qref.mistakes.mistake import Mistake
from qref.numerics.tensor import Tensor
from qref.ops.request import Request

OPERATORS = ("BinaryWeightStep", "XnorActivationBackward")


def run(request: Request) -> list[Tensor]:
    check(request, OPERATORS)
    return straight_through(request, lambda r: (np.abs(r) < 1).astype(np.float64))


MISTAKE = Mistake(
    name="straight-through-open",
    operators=OPERATORS,
    flags=("straight-through",),
    effect="Weights clipped to exactly 1 or −1, which are many, get no gradient through the sign: 0 instead of g.",
    fix="|r| ≤ 1, both ends included.",
    symptom="only at the ends of the range",
    run=run,
)
