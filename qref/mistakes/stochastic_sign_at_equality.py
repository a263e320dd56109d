"""u ≤ p for u < p."""

from qref.mistakes.altered_request import check
from qref.mistakes.binary_schemes import drawn
from qref.mistakes.mistake import Mistake
from qref.numerics.tensor import Tensor
from qref.ops.request import Request

OPERATORS = ("BinaryConnect",)


def run(request: Request) -> list[Tensor]:
    check(request, OPERATORS)
    return drawn(request, lambda W, word: word * 2.0**-31 - 1 <= W)


MISTAKE = Mistake(
    name="stochastic-sign-at-equality",
    operators=OPERATORS,
    flags=("exact-comparison",),
    effect="A u that equals p gives +1: one word of 2³² too many, and −1 itself may become +1.",
    fix="u lies in [0, 1): compare u < p.",
    symptom="only at ties",
    run=run,
)
