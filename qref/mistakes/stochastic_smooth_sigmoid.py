"""The logistic sigmoid for the hard one."""

import numpy as np

from qref.mistakes.altered_request import check
from qref.mistakes.binary_schemes import drawn
from qref.mistakes.mistake import Mistake
from qref.numerics.tensor import Tensor
from qref.ops.request import Request

OPERATORS = ("BinaryConnect",)


def run(request: Request) -> list[Tensor]:
    check(request, OPERATORS)
    return drawn(request, lambda W, word: word * 2.0**-32 < 1 / (1 + np.exp(-W)))


MISTAKE = Mistake(
    name="stochastic-smooth-sigmoid",
    operators=OPERATORS,
    flags=("stochastic", "probability-ends"),
    effect="A weight of 1 is +1 with probability 0.73 instead of 1, a weight of −1 with 0.27 instead of 0.",
    fix="σ(w) = clip((w + 1) / 2, 0, 1).",
    symptom="nearly everywhere",
    run=run,
)
