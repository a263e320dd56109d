"""Probabilities in proportion to the error in place of its inverse."""

from qref.mistakes.altered_request import check
from qref.mistakes.drawn_rows import roulette, with_rows
from qref.mistakes.mistake import Mistake
from qref.numerics.tensor import Tensor
from qref.ops.request import Request

OPERATORS = ("StochasticQuantization",)


def run(request: Request) -> list[Tensor]:
    check(request, OPERATORS)
    return with_rows(request, lambda e, count, u: roulette(e, count, u))


MISTAKE = Mistake(
    name="roulette-by-error",
    operators=OPERATORS,
    flags=("roulette",),
    effect="A row of error 1.5 is drawn 5 times as often as one of 0.3, instead of 5 times as seldom.",
    fix="p_i = f_i / Σ f, f_i = 1 / (e_i + ε).",
    symptom="nearly everywhere",
    run=run,
)
