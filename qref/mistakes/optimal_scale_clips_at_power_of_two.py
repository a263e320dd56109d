"""Optimal scale clipped to 2^(bits−1), as the lowest two's complement number allows."""

from qref.mistakes.alternations import answer
from qref.mistakes.mistake import Mistake
from qref.numerics.tensor import Tensor
from qref.ops.request import Request

OPERATORS = ("OptimalScale",)


def run(request: Request) -> list[Tensor]:
    return answer(request, most=lambda K: K + 1)


MISTAKE = Mistake(
    name="optimal-scale-clips-at-power-of-two",
    operators=OPERATORS,
    flags=("codes-clip",),
    effect="Clipped weights get the code ±2^(bits−1): of 8 bits −128, where +128 does not exist.",
    fix="The formula has one bound for both signs, K = 2^(bits−1) − 1.",
    symptom="only at the ends of the range",
    run=run,
)
