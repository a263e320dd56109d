"""A mask that is applied to the gradient alone."""

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
    moved = W - eta * np.where(mask, g, 0).astype(np.float64)
    return [Tensor("float32", np.asarray(moved, np.float32))]


MISTAKE = Mistake(
    name="mask-on-the-gradient-alone",
    operators=OPERATORS,
    flags=("masked-update",),
    effect="A weight that was removed now but is not 0 yet stays what it was.",
    fix="Apply the mask to the weights after the step.",
    symptom="nearly everywhere",
    run=run,
)
