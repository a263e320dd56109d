"""The gradient of DoReFa weights where each of several largest weights takes all of the maximum's part."""

import numpy as np

from qref.mistakes.altered_request import check
from qref.mistakes.low_bits import data, levels, moved
from qref.mistakes.mistake import Mistake
from qref.numerics.tensor import Tensor
from qref.ops.request import Request

OPERATORS = ("DoReFaWeightStep",)


def run(request: Request) -> list[Tensor]:
    check(request, OPERATORS)
    levels(request, least=2)
    t, g = np.tanh(data(request)), data(request, 1)
    m = np.abs(t).max(initial=1e-300)
    through_m = np.where(np.abs(t) == m, np.sign(t) * (g * t).sum() / m**2, 0.0)
    return moved(request, (1 - t * t) * (g / m - through_m))


MISTAKE = Mistake(
    name="dorefa-shared-maximum-not-divided",
    operators=OPERATORS,
    flags=("dorefa-backward",),
    effect="If 2 weights have the largest magnitude, each gets the whole gradient of the maximum: 2 times too much.",
    fix="Divide the maximum's part by the number of weights that reach it.",
    symptom="only at ties",
    run=run,
)
