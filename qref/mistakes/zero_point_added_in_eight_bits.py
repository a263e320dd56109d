"""The rounded value saturated to the output's type, then the zero point added in that type, which wraps."""

from fractions import Fraction

from qref.mistakes.mistake import Mistake
from qref.mistakes.requantizing import OPERATORS, by_rule, hold, on_exact
from qref.numerics.formats import Integer
from qref.numerics.rounding import half_even
from qref.numerics.saturation import wrap
from qref.numerics.tensor import Tensor
from qref.ops.request import Request


def store(real: Fraction, zero_point: int, format: Integer) -> int:
    """100 to int8 with zero point 100: 200 − 256 = −56."""
    rounded = hold(half_even(real.numerator, real.denominator), format)
    return wrap(rounded + zero_point, format.bits, format.signed)


RULE = on_exact("zero-point-added-in-eight-bits", store)


def run(request: Request) -> list[Tensor]:
    return by_rule(request, RULE)


MISTAKE = Mistake(
    name="zero-point-added-in-eight-bits",
    operators=OPERATORS,
    flags=("saturation", "zero-point", "zero-point-ends"),
    effect=(
        "100 to int8 with zero point 100 becomes 200 − 256 = −56 (right: 127): the most positive outputs turn negative."
    ),
    fix=(
        "Add the zero point in 32 bits and saturate once, after it; or use a saturating 8-bit addition on values "
        "that were not saturated before."
    ),
    symptom="only with a zero point",
    run=run,
)
