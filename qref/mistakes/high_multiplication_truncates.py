"""The doubling high multiplication without its rounding constant: sqdmulh for sqrdmulh."""

from qref.mistakes.mistake import Mistake
from qref.mistakes.requantizing import OPERATORS, by_rule, hold
from qref.numerics.fixed_point import rounding_divide_by_pot
from qref.numerics.formats import integer
from qref.numerics.profiles import TFLITE_DOUBLE, Derived, Profile
from qref.numerics.saturation import wrap
from qref.numerics.tensor import Tensor
from qref.ops.request import Request


def apply(accumulator: int, derived: Derived, zero_point: int, dtype: str) -> int:
    """(acc · m) >> 31, then RoundingDivideByPOT."""
    multiplier, shift = int(derived["multiplier"]), int(derived["shift"])
    shifted = wrap(accumulator << max(shift, 0), 32)
    high = (shifted * multiplier) >> 31
    return hold(rounding_divide_by_pot(high, max(-shift, 0)) + zero_point, integer(dtype))


RULE = Profile("high-multiplication-truncates", "a mistake", TFLITE_DOUBLE.derive, apply)


def run(request: Request) -> list[Tensor]:
    return by_rule(request, RULE)


MISTAKE = Mistake(
    name="high-multiplication-truncates",
    operators=OPERATORS,
    flags=("shift-zero", "near-tie", "double-rounding", "left-shift"),
    effect=(
        "Where no right shift follows (scale 1/2 and above) results are floored: 3 · 0.9 = 2.7 becomes 2 (right: "
        "3). With a right shift only ties and near ties move."
    ),
    fix="Use the rounding form: (a · b + 2³⁰) >> 31, vqrdmulh on ARM.",
    symptom="only near ties",
    run=run,
)
