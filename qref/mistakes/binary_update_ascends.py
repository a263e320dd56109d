"""A step along the gradient in place of against it."""

import numpy as np

from qref.mistakes.altered_request import check
from qref.mistakes.binary_schemes import given, rounded, values
from qref.mistakes.mistake import Mistake
from qref.numerics.tensor import Tensor
from qref.ops.request import Request

OPERATORS = ("BinaryConnectStep",)


def run(request: Request) -> list[Tensor]:
    check(request, OPERATORS)
    W, g, eta = values(request, 0), values(request, 1), given(request)["learning_rate"]
    return rounded(np.clip(W + eta * g, -1, 1))


MISTAKE = Mistake(
    name="binary-update-ascends",
    operators=OPERATORS,
    flags=("update",),
    effect="W + η g: 0.5 with η g = 0.25 goes to 0.75 instead of 0.25, and the cost rises.",
    fix="Subtract: W − η g.",
    symptom="nearly everywhere",
    run=run,
)
