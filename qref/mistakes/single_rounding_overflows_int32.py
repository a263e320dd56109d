"""The single-rounding shift's intermediate of 33 bits kept in an int32, which flips its sign."""

from fractions import Fraction

from qref.mistakes.mistake import Mistake
from qref.mistakes.requantizing import OPERATORS, by_rule, hold, on_exact
from qref.numerics.fixed_point import is_int32
from qref.numerics.formats import Integer
from qref.numerics.rounding import floor, half_even
from qref.numerics.saturation import wrap
from qref.numerics.tensor import Tensor
from qref.ops.request import Request


def store(real: Fraction, zero_point: int, format: Integer) -> int:
    """2³⁰ → twice it wraps to −2³¹ → lowest."""
    twice = floor(2 * real.numerator, real.denominator)
    if is_int32(twice):
        return hold(half_even(real.numerator, real.denominator) + zero_point, format)
    return hold(((wrap(twice, 32) + 1) >> 1) + zero_point, format)


RULE = on_exact("single-rounding-overflows-int32", store)


def run(request: Request) -> list[Tensor]:
    return by_rule(request, RULE)


MISTAKE = Mistake(
    name="single-rounding-overflows-int32",
    operators=OPERATORS,
    flags=("saturation", "large-scale", "left-shift"),
    effect=(
        "A scaled value of 2³⁰ = 1073741824 becomes −2³⁰ and saturates to −128 in int8 (right: 127): val · "
        "multiplier >> (total_shift − 1) needs 33 bits."
    ),
    fix="Keep the product and the shifted value in int64 until the last shift is done.",
    symptom="only at the ends of the range",
    run=run,
    seen_in=("ARM-software/CMSIS-NN#220",),
    real=True,
)
