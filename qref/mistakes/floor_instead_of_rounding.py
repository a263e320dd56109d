"""The scaled accumulator floored, as an arithmetic right shift without a rounding constant does."""

from fractions import Fraction

from qref.mistakes.mistake import Mistake
from qref.mistakes.requantizing import OPERATORS, by_rule, hold, on_exact
from qref.numerics.formats import Integer
from qref.numerics.rounding import floor
from qref.numerics.tensor import Tensor
from qref.ops.request import Request


def store(real: Fraction, zero_point: int, format: Integer) -> int:
    """2.7 → 2, −2.1 → −3."""
    return hold(floor(real.numerator, real.denominator) + zero_point, format)


RULE = on_exact("floor-instead-of-rounding", store)


def run(request: Request) -> list[Tensor]:
    return by_rule(request, RULE)


MISTAKE = Mistake(
    name="floor-instead-of-rounding",
    operators=OPERATORS,
    flags=("near-tie", "negative-tie"),
    effect=(
        "2.7 becomes 2 and −2.1 becomes −3 (right: 3 and −2): about half of all outputs are one too low, and the "
        "mean drifts by half a step."
    ),
    fix="Round half to even; with a shift, add the rounding constant and correct ties, or use a 64-bit product.",
    symptom="nearly everywhere",
    run=run,
)
