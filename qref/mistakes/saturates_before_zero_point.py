"""The rounded value saturated to the output's range, then the zero point added and saturated again."""

from fractions import Fraction

from qref.mistakes.mistake import Mistake
from qref.mistakes.requantizing import OPERATORS, by_rule, hold, on_exact
from qref.numerics.formats import Integer
from qref.numerics.rounding import half_even
from qref.numerics.tensor import Tensor
from qref.ops.request import Request


def store(real: Fraction, zero_point: int, format: Integer) -> int:
    """200 to int8 with zero point −100: 127 − 100 = 27."""
    rounded = hold(half_even(real.numerator, real.denominator), format)
    return hold(rounded + zero_point, format)


RULE = on_exact("saturates-before-zero-point", store)


def run(request: Request) -> list[Tensor]:
    return by_rule(request, RULE)


MISTAKE = Mistake(
    name="saturates-before-zero-point",
    operators=OPERATORS,
    flags=("saturation", "zero-point", "zero-point-ends"),
    effect=(
        "200 to int8 with zero point −100 becomes 127 − 100 = 27 (right: 100); −50 to uint8 with zero point 128 "
        "becomes 0 + 128 (right: 78)."
    ),
    fix="Add the zero point in 32 bits and saturate once, after it.",
    symptom="only with a zero point",
    run=run,
)
