"""⌊r·m⌋ rows quantized in place of all but ⌊(1 − r)·m⌋."""

from qref.mistakes.altered_request import check
from qref.mistakes.binary_schemes import given
from qref.mistakes.drawn_rows import roulette, with_rows
from qref.mistakes.mistake import Mistake
from qref.numerics.tensor import Tensor
from qref.ops.request import Request

OPERATORS = ("StochasticQuantization",)


def run(request: Request) -> list[Tensor]:
    check(request, OPERATORS)
    share = given(request)["ratio"] / 100
    return with_rows(request, lambda e, count, u: roulette(1 / (e + 1e-7), int(share * len(e)), u))


MISTAKE = Mistake(
    name="roulette-count-rounded-down",
    operators=OPERATORS,
    flags=("roulette",),
    effect="Half of 3 rows is 1 instead of 2. Right where r · m is whole.",
    fix="Keep ⌊(1 − r)·m⌋ rows.",
    symptom="only in some shapes",
    run=run,
)
