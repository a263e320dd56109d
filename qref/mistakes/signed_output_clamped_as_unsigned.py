"""An int8 output clamped to uint8's range 0 … 255, then stored."""

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
    """200 to int8: −56; −5: 0."""
    if not format.signed:
        raise Unsupported(f"output {format.name}: the mistake is one with signed outputs")
    rounded = half_even(real.numerator, real.denominator) + zero_point
    return wrap(min(max(rounded, 0), (1 << format.bits) - 1), format.bits)


RULE = on_exact("signed-output-clamped-as-unsigned", store)


def run(request: Request) -> list[Tensor]:
    return by_rule(request, RULE)


MISTAKE = Mistake(
    name="signed-output-clamped-as-unsigned",
    operators=OPERATORS,
    flags=("saturation", "range-ends"),
    effect="200 to int8 becomes −56 and −5 becomes 0 (right: 127 and −5).",
    fix="Take the clamp's bounds from the output's type.",
    symptom="only negative values",
    run=run,
    seen_in=("microsoft/onnxruntime#29727",),
)
