"""Optimal scale whose codes are rounded, and clipped by nothing but int8."""

from qref.mistakes.alternations import answer
from qref.mistakes.mistake import Mistake
from qref.numerics.tensor import Tensor
from qref.ops.request import Request

OPERATORS = ("OptimalScale",)


def run(request: Request) -> list[Tensor]:
    return answer(request, most=lambda K: 1 << 15)


MISTAKE = Mistake(
    name="optimal-scale-without-clip",
    operators=OPERATORS,
    flags=("codes-clip",),
    effect="Once the scale has shrunk, the largest weights get codes beyond K: 4-bit codes of 8 and more.",
    fix="Clip to K = 2^(bits−1) − 1 in every step, not only at the end.",
    symptom="only at the ends of the range",
    run=run,
)
