"""A step that moves the binary weights in place of the real ones."""

import numpy as np

from qref.mistakes.altered_request import check
from qref.mistakes.binary_schemes import given, rounded, signs, values
from qref.mistakes.mistake import Mistake
from qref.numerics.tensor import Tensor
from qref.ops.request import Request

OPERATORS = ("BinaryConnectStep",)


def run(request: Request) -> list[Tensor]:
    check(request, OPERATORS)
    W, g, eta = values(request, 0), values(request, 1), given(request)["learning_rate"]
    return rounded(np.clip(signs(W) - eta * g, -1, 1))


MISTAKE = Mistake(
    name="binary-update-of-signs",
    operators=OPERATORS,
    flags=("update",),
    effect="sign(0.2) − 0.01 = 0.99 instead of 0.19: small gradients never add up, and no sign ever turns.",
    fix="Keep the real weights, and update those.",
    symptom="nearly everywhere",
    run=run,
)
