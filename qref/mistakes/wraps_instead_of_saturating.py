"""The output converted to its type without saturation: only its low bits are kept."""

from fractions import Fraction

from qref.mistakes.mistake import Mistake
from qref.mistakes.requantizing import OPERATORS, by_rule, on_exact
from qref.numerics.formats import Integer
from qref.numerics.rounding import half_even
from qref.numerics.saturation import wrap
from qref.numerics.tensor import Tensor
from qref.ops.request import Request


def store(real: Fraction, zero_point: int, format: Integer) -> int:
    """−236 to int8: 20."""
    rounded = half_even(real.numerator, real.denominator) + zero_point
    return wrap(rounded, format.bits, format.signed)


RULE = on_exact("wraps-instead-of-saturating", store)


def run(request: Request) -> list[Tensor]:
    return by_rule(request, RULE)


MISTAKE = Mistake(
    name="wraps-instead-of-saturating",
    operators=OPERATORS,
    flags=("saturation", "range-ends"),
    effect="−236 to int8 becomes 20 (right: −128), 300 to uint8 becomes 44 (right: 255).",
    fix="Clamp to the output type's range before the conversion.",
    symptom="only at the ends of the range",
    run=run,
    seen_in=("onnx/onnx#7835", "onnx/onnx#6169", "emmtrix/emx-onnx-cgen#735"),
    real=True,
)
