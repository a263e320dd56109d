"""Signed outputs clamped to a range symmetric about 0, −127 … 127 for int8."""

from fractions import Fraction

from qref.errors import Unsupported
from qref.mistakes.mistake import Mistake
from qref.mistakes.requantizing import OPERATORS, by_rule, hold, on_exact
from qref.numerics.formats import Integer
from qref.numerics.rounding import half_even
from qref.numerics.tensor import Tensor
from qref.ops.request import Request


def store(real: Fraction, zero_point: int, format: Integer) -> int:
    """−200 to int8: −127."""
    if not format.signed:
        raise Unsupported(f"output {format.name}: the mistake is one with signed outputs")
    rounded = half_even(real.numerator, real.denominator) + zero_point
    return max(hold(rounded, format), -format.highest)


RULE = on_exact("clamps-to-symmetric-range", store)


def run(request: Request) -> list[Tensor]:
    return by_rule(request, RULE)


MISTAKE = Mistake(
    name="clamps-to-symmetric-range",
    operators=OPERATORS,
    flags=("saturation",),
    effect="Everything at or below −128 becomes −127 in int8 (right: −128).",
    fix="Clamp to the type's whole range, −128 … 127 for int8.",
    symptom="only at the ends of the range",
    run=run,
)
