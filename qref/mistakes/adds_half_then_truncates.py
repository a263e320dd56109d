"""(int)(x + 0.5): right for positive numbers, wrong for negative ones."""

from fractions import Fraction

from qref.mistakes.mistake import Mistake
from qref.mistakes.requantizing import OPERATORS, by_rule, hold, on_exact
from qref.numerics.formats import Integer
from qref.numerics.rounding import trunc
from qref.numerics.tensor import Tensor
from qref.ops.request import Request


def store(real: Fraction, zero_point: int, format: Integer) -> int:
    """2.7 → 3, but −2.7 → −2."""
    shifted = real + Fraction(1, 2)
    return hold(trunc(shifted.numerator, shifted.denominator) + zero_point, format)


RULE = on_exact("adds-half-then-truncates", store)


def run(request: Request) -> list[Tensor]:
    return by_rule(request, RULE)


MISTAKE = Mistake(
    name="adds-half-then-truncates",
    operators=OPERATORS,
    flags=("negative-tie", "near-tie", "tie"),
    effect=(
        "−2.7 becomes −2, because −2.2 is cut toward zero (right: −3), and even −2 becomes −1. Positive values "
        "are wrong only at every second tie: 2.5 becomes 3."
    ),
    fix="Round half to even with nearbyint, or add 0.5 with the sign of x and treat ties.",
    symptom="only negative values",
    run=run,
    seen_in=("ARM-software/CMSIS_5#1047",),
)
