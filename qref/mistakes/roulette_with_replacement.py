"""Rows drawn from the whole wheel each time."""

from qref.mistakes.altered_request import check
from qref.mistakes.drawn_rows import roulette, with_rows
from qref.mistakes.mistake import Mistake
from qref.numerics.tensor import Tensor
from qref.ops.request import Request

OPERATORS = ("StochasticQuantization",)


def run(request: Request) -> list[Tensor]:
    check(request, OPERATORS)
    return with_rows(request, lambda e, count, u: roulette(1 / (e + 1e-7), count, u, replacing=True))


MISTAKE = Mistake(
    name="roulette-with-replacement",
    operators=OPERATORS,
    flags=("roulette",),
    effect="A row drawn twice counts twice: of 8 rows at 50 % fewer than 4 are binary.",
    fix="Take a row out of the wheel when it is drawn.",
    symptom="nearly everywhere",
    run=run,
)
