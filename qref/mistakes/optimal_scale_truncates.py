"""Optimal scale with codes cut, ⌊|w|/α⌋, where 1/2 is to be added first."""

import numpy as np

from qref.mistakes.alternations import answer
from qref.mistakes.mistake import Mistake
from qref.numerics.tensor import Tensor
from qref.ops.request import Request

OPERATORS = ("OptimalScale",)


def run(request: Request) -> list[Tensor]:
    return answer(request, rounding=np.floor)


MISTAKE = Mistake(
    name="optimal-scale-truncates",
    operators=OPERATORS,
    flags=("descent",),
    effect="Codes are too small by 1/2 on average, and the scale grows to make up for it.",
    fix="Add 1/2 before the floor.",
    symptom="nearly everywhere",
    run=run,
)
