"""The weights clipped before the step in place of after it."""

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
    return rounded(np.clip(W, -1, 1) - eta * g)


MISTAKE = Mistake(
    name="binary-clip-before-update",
    operators=OPERATORS,
    flags=("clip",),
    effect="clip(0.75) + 0.5 = 1.25 instead of 1, and 3 − 2 is 1 − 2 = −1 instead of 1.",
    fix="clip(W − η g): first the step, then the clip.",
    symptom="only at the ends of the range",
    run=run,
)
