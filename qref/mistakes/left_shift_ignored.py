"""The left shift of a scale of 1 or more left out: only right shifts are done."""

import math

from qref.mistakes.mistake import Mistake
from qref.mistakes.requantizing import OPERATORS, each, from_numbers, numbers
from qref.numerics.tensor import Tensor
from qref.ops.request import Request


def without_left_shift(scale: float) -> float:
    """What the scale is multiplied by where a shift to the left is dropped."""
    _, exponent = math.frexp(scale)
    return math.ldexp(1.0, -max(exponent, 0))


def run(request: Request) -> list[Tensor]:
    found = numbers(request)
    combined = found.x_scale * found.w_scale / found.y_scale
    return from_numbers(request, w_scale=found.w_scale * each(combined, without_left_shift))


MISTAKE = Mistake(
    name="left-shift-ignored",
    operators=OPERATORS,
    flags=("left-shift", "large-scale"),
    effect="A scale of 3 = 0.75 · 2² is used as 0.75: 10 becomes 8 (right: 30). Nothing shows below 1.",
    fix="Shift left by max(e, 0) before the multiplication and right by max(−e, 0) after it.",
    symptom="nearly everywhere",
    run=run,
)
