"""Optimal scale with a library's rounding, half to even, in place of ⌊x + 1/2⌋."""

import numpy as np

from qref.mistakes.alternations import answer
from qref.mistakes.mistake import Mistake
from qref.numerics.tensor import Tensor
from qref.ops.request import Request

OPERATORS = ("OptimalScale",)


def run(request: Request) -> list[Tensor]:
    return answer(request, rounding=np.rint)


MISTAKE = Mistake(
    name="optimal-scale-rounds-half-even",
    operators=OPERATORS,
    flags=("tie",),
    effect="A weight exactly halfway between two codes takes the even one: 0.5 becomes 0, 2.5 becomes 2.",
    fix="Take the floor of |w|/α + 1/2.",
    symptom="only at ties",
    run=run,
)
