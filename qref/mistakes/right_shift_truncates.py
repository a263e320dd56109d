"""The second, right shift without its rounding constant."""

from qref.mistakes.mistake import Mistake
from qref.mistakes.requantizing import OPERATORS, by_rule, hold
from qref.numerics.fixed_point import saturating_rounding_doubling_high_mul
from qref.numerics.formats import integer
from qref.numerics.profiles import TFLITE_DOUBLE, Derived, Profile
from qref.numerics.saturation import wrap
from qref.numerics.tensor import Tensor
from qref.ops.request import Request


def apply(accumulator: int, derived: Derived, zero_point: int, dtype: str) -> int:
    """SaturatingRoundingDoublingHighMul, then a plain >> r."""
    multiplier, shift = int(derived["multiplier"]), int(derived["shift"])
    shifted = wrap(accumulator << max(shift, 0), 32)
    high = saturating_rounding_doubling_high_mul(shifted, multiplier)
    return hold((high >> max(-shift, 0)) + zero_point, integer(dtype))


RULE = Profile("right-shift-truncates", "a mistake", TFLITE_DOUBLE.derive, apply)


def run(request: Request) -> list[Tensor]:
    return by_rule(request, RULE)


MISTAKE = Mistake(
    name="right-shift-truncates",
    operators=OPERATORS,
    flags=("near-tie", "negative-tie", "tie"),
    effect=(
        "2.7 becomes 2 and −2.1 becomes −3 for every scale below 1/2; scales from 1/2 up, which need no right "
        "shift, come out right."
    ),
    fix="Use a rounding shift (RoundingDivideByPOT), or one rounding of the 64-bit product.",
    symptom="nearly everywhere",
    run=run,
)
