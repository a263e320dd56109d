"""Weights that are 0 are taken for removed ones."""

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
    moved = np.where(mask & (W != 0), W - eta * g.astype(np.float64), 0)
    return [Tensor("float32", np.asarray(moved, np.float32))]


MISTAKE = Mistake(
    name="mask-taken-from-the-weights",
    operators=OPERATORS,
    flags=("masked-update",),
    effect="A weight that is 0 on its way from −1 to 1, and was never removed, is 0 for ever.",
    fix="Keep the mask beside the weights: W ≠ 0 does not say which were removed.",
    symptom="only at zero",
    run=run,
)
