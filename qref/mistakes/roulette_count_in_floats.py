"""The number of rows that stay real by ⌊(1 − r/100)·m⌋ in floats."""

from qref.mistakes.altered_request import check
from qref.mistakes.binary_schemes import given
from qref.mistakes.drawn_rows import roulette, with_rows
from qref.mistakes.mistake import Mistake
from qref.numerics.tensor import Tensor
from qref.ops.request import Request

OPERATORS = ("StochasticQuantization",)


def run(request: Request) -> list[Tensor]:
    check(request, OPERATORS)
    share = 1 - given(request)["ratio"] / 100
    return with_rows(request, lambda e, count, u: roulette(1 / (e + 1e-7), len(e) - int(share * len(e)), u))


MISTAKE = Mistake(
    name="roulette-count-in-floats",
    operators=OPERATORS,
    flags=("roulette",),
    effect="1 − 0.9 is a little less than 0.1: at 90 % of 10 rows none stays in place of one.",
    fix="Multiply before dividing: ⌊(100 − r)·m / 100⌋, in exact arithmetic.",
    symptom="only in some shapes",
    run=run,
)
