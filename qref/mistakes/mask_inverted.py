"""A mask read as what is removed."""

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
    moved = np.where(mask, 0, W - eta * g.astype(np.float64))
    return [Tensor("float32", np.asarray(moved, np.float32))]


MISTAKE = Mistake(
    name="mask-inverted",
    operators=OPERATORS,
    flags=("masked-update",),
    effect="The removed weights stay, and the others become 0.",
    fix="1 marks a weight that stays.",
    symptom="nearly everywhere",
    run=run,
)
