"""The gradient of DoReFa weights with max |tanh w| taken for a constant."""

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
    return moved(request, g * (1 - t * t) / np.abs(t).max(initial=1e-300))


MISTAKE = Mistake(
    name="dorefa-weight-maximum-is-constant",
    operators=OPERATORS,
    flags=("dorefa-backward",),
    effect=(
        "The largest weight lacks the part of its gradient that comes through the maximum: a lone "
        "weight moves, where its gradient is 0."
    ),
    fix="Derive the maximum too: − sign(t)/N · Σ g·t / m² where |t| = m.",
    symptom="nearly everywhere",
    run=run,
)
