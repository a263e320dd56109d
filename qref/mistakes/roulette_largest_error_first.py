"""The rows with the largest errors quantized, without a draw."""

import numpy as np

from qref.mistakes.altered_request import check
from qref.mistakes.drawn_rows import with_rows
from qref.mistakes.mistake import Mistake
from qref.numerics.tensor import Tensor
from qref.ops.request import Request

OPERATORS = ("StochasticQuantization",)


def run(request: Request) -> list[Tensor]:
    check(request, OPERATORS)
    return with_rows(request, lambda e, count, u: np.argsort(-e, kind="stable")[:count])


MISTAKE = Mistake(
    name="roulette-largest-error-first",
    operators=OPERATORS,
    flags=("roulette",),
    effect="Errors 0.3, 0.6, 0.9, 1.2: rows 2 and 3 always, which the roulette takes least often.",
    fix="Draw rows with probability 1 / (e + ε), over its sum.",
    symptom="nearly everywhere",
    run=run,
)
