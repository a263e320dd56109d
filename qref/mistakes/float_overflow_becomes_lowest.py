"""A scaled value of 2³¹ or more converted to int32 without a clamp: x86 gives INT32_MIN."""

from fractions import Fraction

from qref.mistakes.mistake import Mistake
from qref.mistakes.requantizing import OPERATORS, by_rule, hold, on_exact
from qref.numerics.fixed_point import INT32_MIN, is_int32
from qref.numerics.formats import Integer
from qref.numerics.rounding import half_even
from qref.numerics.tensor import Tensor
from qref.ops.request import Request


def store(real: Fraction, zero_point: int, format: Integer) -> int:
    """4·10⁹ → INT32_MIN → lowest."""
    rounded = half_even(real.numerator, real.denominator)
    return hold((rounded if is_int32(rounded) else INT32_MIN) + zero_point, format)


RULE = on_exact("float-overflow-becomes-lowest", store)


def run(request: Request) -> list[Tensor]:
    return by_rule(request, RULE)


MISTAKE = Mistake(
    name="float-overflow-becomes-lowest",
    operators=OPERATORS,
    flags=("saturation", "large-scale"),
    effect=(
        "An accumulator of 4·10⁶ with scale 1000 becomes −128 in int8 (right: 127), since cvtps2dq gives "
        "INT32_MIN for everything outside int32."
    ),
    fix="Clamp the float to the output's range before converting it.",
    symptom="only at the ends of the range",
    run=run,
    seen_in=("pytorch/FBGEMM#317",),
)
