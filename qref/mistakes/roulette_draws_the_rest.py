"""The rows that stay drawn by their error, in place of those that are quantized by its inverse."""

from qref.mistakes.altered_request import check
from qref.mistakes.drawn_rows import roulette, with_rows
from qref.mistakes.mistake import Mistake
from qref.numerics.tensor import Tensor
from qref.ops.request import Request

OPERATORS = ("StochasticQuantization",)


def run(request: Request) -> list[Tensor]:
    check(request, OPERATORS)
    return with_rows(request, lambda e, count, u: set(range(len(e))) - set(roulette(e, len(e) - count, u)))


MISTAKE = Mistake(
    name="roulette-draws-the-rest",
    operators=OPERATORS,
    flags=("roulette",),
    effect=(
        "Of 2 rows the odds are the same; of 3 and more the sets of rows come in other proportions, and "
        "other rows from the same words."
    ),
    fix="Draw the rows to quantize, r · m of them.",
    symptom="nearly everywhere",
    run=run,
)
