"""The hard sigmoid with slope 1: clip(w + 1, 0, 1)."""

import numpy as np

from qref.mistakes.altered_request import check
from qref.mistakes.binary_schemes import drawn
from qref.mistakes.mistake import Mistake
from qref.numerics.tensor import Tensor
from qref.ops.request import Request

OPERATORS = ("BinaryConnect",)


def run(request: Request) -> list[Tensor]:
    check(request, OPERATORS)
    return drawn(request, lambda W, word: word * 2.0**-32 < np.clip(W + 1, 0, 1))


MISTAKE = Mistake(
    name="hard-sigmoid-slope-one",
    operators=OPERATORS,
    flags=("stochastic", "hard-sigmoid"),
    effect="A weight of −0.5 is +1 with probability 0.5 instead of 0.25, and a weight of 0 always.",
    fix="σ(w) = clip((w + 1) / 2, 0, 1).",
    symptom="nearly everywhere",
    run=run,
)
