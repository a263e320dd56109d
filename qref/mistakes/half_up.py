"""Halves rounded toward +∞: floor(x + 0.5), or a rounding shift."""

from fractions import Fraction

from qref.mistakes.mistake import Mistake
from qref.mistakes.requantizing import OPERATORS, by_rule, hold, on_exact
from qref.numerics.formats import Integer
from qref.numerics.rounding import half_up
from qref.numerics.tensor import Tensor
from qref.ops.request import Request


def store(real: Fraction, zero_point: int, format: Integer) -> int:
    """2.5 → 3, −2.5 → −2, −3.5 → −3."""
    return hold(half_up(real.numerator, real.denominator) + zero_point, format)


RULE = on_exact("half-up", store)


def run(request: Request) -> list[Tensor]:
    return by_rule(request, RULE)


MISTAKE = Mistake(
    name="half-up",
    operators=OPERATORS,
    flags=("tie", "negative-tie"),
    effect="2.5 becomes 3 and −3.5 becomes −3 (right: 2 and −4); 3.5 and −2.5 come out right.",
    fix=(
        "Round to nearest, ties to even: rint or nearbyint in the default rounding mode (cvtps2dq, vcvtnq, "
        "round_ties_even), not floor(x + 0.5)."
    ),
    symptom="only at ties",
    run=run,
    seen_in=("tenstorrent/tt-metal#56525",),
    real=True,
)
