"""The zero point added to the scaled value before it is rounded."""

from fractions import Fraction

from qref.mistakes.mistake import Mistake
from qref.mistakes.requantizing import OPERATORS, by_rule, hold, on_exact
from qref.numerics.formats import Integer
from qref.numerics.rounding import half_even
from qref.numerics.tensor import Tensor
from qref.ops.request import Request


def store(real: Fraction, zero_point: int, format: Integer) -> int:
    """0.5 with zero point 1 → 1.5 → 2."""
    shifted = real + zero_point
    return hold(half_even(shifted.numerator, shifted.denominator), format)


RULE = on_exact("zero-point-before-rounding", store)


def run(request: Request) -> list[Tensor]:
    return by_rule(request, RULE)


MISTAKE = Mistake(
    name="zero-point-before-rounding",
    operators=OPERATORS,
    flags=("tie", "zero-point"),
    effect=(
        "0.5 with zero point 1 becomes rint(1.5) = 2; right is rint(0.5) + 1 = 1. Ties move by one whenever the "
        "zero point is odd; nothing shows with an even one."
    ),
    fix="Round first, then add the zero point as an integer, then saturate.",
    symptom="only at ties",
    run=run,
    seen_in=("emmtrix/emx-onnx-cgen#371", "onnx/onnx#6169"),
    real=True,
)
