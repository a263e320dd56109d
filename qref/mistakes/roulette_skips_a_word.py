"""A word thrown away before the draws."""

from qref.mistakes.altered_request import check
from qref.mistakes.drawn_rows import roulette, with_rows
from qref.mistakes.mistake import Mistake
from qref.numerics.tensor import Tensor
from qref.ops.request import Request

OPERATORS = ("StochasticQuantization",)


def run(request: Request) -> list[Tensor]:
    check(request, OPERATORS)
    return with_rows(request, lambda e, count, u: roulette(1 / (e + 1e-7), count, u[1:]))


MISTAKE = Mistake(
    name="roulette-skips-a-word",
    operators=OPERATORS,
    flags=("roulette",),
    effect="Draw 0 takes word 1, draw 1 word 2: other rows from the same seed.",
    fix="Draw d takes word d of the stream.",
    symptom="nearly everywhere",
    run=run,
)
