"""Halves rounded away from zero, as C's round() does, where the standard says to even."""

from fractions import Fraction

from qref.mistakes.mistake import Mistake
from qref.mistakes.requantizing import OPERATORS, by_rule, hold, on_exact
from qref.numerics.formats import Integer
from qref.numerics.rounding import half_away
from qref.numerics.tensor import Tensor
from qref.ops.request import Request


def store(real: Fraction, zero_point: int, format: Integer) -> int:
    """2.5 → 3, −2.5 → −3."""
    return hold(half_away(real.numerator, real.denominator) + zero_point, format)


RULE = on_exact("half-away-from-zero", store)


def run(request: Request) -> list[Tensor]:
    return by_rule(request, RULE)


MISTAKE = Mistake(
    name="half-away-from-zero",
    operators=OPERATORS,
    flags=("tie", "negative-tie"),
    effect=(
        "2.5 becomes 3 and −2.5 becomes −3 (right: 2 and −2). Every second exact half moves by one, away from zero."
    ),
    fix=(
        "Round to nearest, ties to even: rint or nearbyint in the default rounding mode (cvtps2dq, vcvtnq, "
        "round_ties_even), not round(), roundf() or vcvta."
    ),
    symptom="only at ties",
    run=run,
    seen_in=("tenstorrent/tt-metal#56525", "blue-oil/blueoil#397"),
    real=True,
)
