"""A mask that is applied to the weights before the step."""

import numpy as np

from qref.mistakes.altered_request import check
from qref.mistakes.mistake import Mistake
from qref.numerics.tensor import Tensor
from qref.ops.request import Request
from qref.quantizers.descent import RATE

OPERATORS = ("MaskedStep",)


def run(request: Request) -> list[Tensor]:
    check(request, OPERATORS)
    W, g, mask = (x.data for x in request.inputs if x is not None)
    eta = request.attributes.get("learning_rate", RATE)
    moved = np.where(mask, W, 0) - eta * g.astype(np.float64)
    return [Tensor("float32", np.asarray(moved, np.float32))]


MISTAKE = Mistake(
    name="mask-before-the-step",
    operators=OPERATORS,
    flags=("masked-update",),
    effect="A removed weight moves by −η g, and is 0 no more.",
    fix="Apply the mask after the step: W' = (W − η g)·mask.",
    symptom="nearly everywhere",
    run=run,
)
