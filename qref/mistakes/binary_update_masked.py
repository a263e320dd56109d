"""A straight-through mask on the gradient of BinaryConnect."""

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
    return rounded(np.clip(W - eta * g * (np.abs(W) <= 1), -1, 1))


MISTAKE = Mistake(
    name="binary-update-masked",
    operators=OPERATORS,
    flags=("clip",),
    effect=(
        "The gradient of a weight beyond ±1 is dropped: 1.5 with η g = 1 stays 1 by the clip, instead of going to 0.5."
    ),
    fix="BinaryConnect has no mask: only the clip.",
    symptom="only at the ends of the range",
    run=run,
)
