"""Alternation that ends after one step: codes of max|w|/K and of the scale after it."""

from qref.mistakes.alternations import answer
from qref.mistakes.mistake import Mistake
from qref.numerics.tensor import Tensor
from qref.ops.request import Request

OPERATORS = ("OptimalScale",)


def run(request: Request) -> list[Tensor]:
    return answer(request, steps=1)


MISTAKE = Mistake(
    name="optimal-scale-stops-after-one-step",
    operators=OPERATORS,
    flags=("descent",),
    effect="Codes would still change: after 1 step scale and codes are not each optimal for the other.",
    fix="Go on until codes stay.",
    symptom="nearly everywhere",
    run=run,
)
