"""A uint8 output clamped to int8's range −128 … 127, then stored."""

from fractions import Fraction

from qref.errors import Unsupported
from qref.mistakes.mistake import Mistake
from qref.mistakes.requantizing import OPERATORS, by_rule, on_exact
from qref.numerics.formats import Integer
from qref.numerics.rounding import half_even
from qref.numerics.saturation import wrap
from qref.numerics.tensor import Tensor
from qref.ops.request import Request


def store(real: Fraction, zero_point: int, format: Integer) -> int:
    """200 to uint8: 127; −5: 251."""
    if format.signed:
        raise Unsupported(f"output {format.name}: the mistake is one with unsigned outputs")
    rounded = half_even(real.numerator, real.denominator) + zero_point
    half = 1 << (format.bits - 1)
    return wrap(min(max(rounded, -half), half - 1), format.bits, signed=False)


RULE = on_exact("unsigned-output-clamped-as-signed", store)


def run(request: Request) -> list[Tensor]:
    return by_rule(request, RULE)


MISTAKE = Mistake(
    name="unsigned-output-clamped-as-signed",
    operators=OPERATORS,
    flags=("saturation", "range-ends", "zero-point-ends"),
    effect="200 to uint8 becomes 127 and −5 becomes 251 (right: 200 and 0).",
    fix="Take the clamp's bounds from the output's type.",
    symptom="only at the ends of the range",
    run=run,
    seen_in=("ooples/AiDotNet.Tensors#193",),
)
