"""Halves rounded toward zero."""

from fractions import Fraction

from qref.mistakes.mistake import Mistake
from qref.mistakes.requantizing import OPERATORS, by_rule, hold, on_exact
from qref.numerics.formats import Integer
from qref.numerics.rounding import half_toward_zero
from qref.numerics.tensor import Tensor
from qref.ops.request import Request


def store(real: Fraction, zero_point: int, format: Integer) -> int:
    """3.5 → 3, −3.5 → −3."""
    return hold(half_toward_zero(real.numerator, real.denominator) + zero_point, format)


RULE = on_exact("half-toward-zero", store)


def run(request: Request) -> list[Tensor]:
    return by_rule(request, RULE)


MISTAKE = Mistake(
    name="half-toward-zero",
    operators=OPERATORS,
    flags=("tie", "negative-tie"),
    effect="3.5 becomes 3 and −3.5 becomes −3 (right: 4 and −4); 2.5 and −2.5 come out right.",
    fix=(
        "Round to nearest, ties to even: rint or nearbyint in the default rounding mode (cvtps2dq, vcvtnq, "
        "round_ties_even), not ceil(|x| − 0.5)."
    ),
    symptom="only at ties",
    run=run,
)
