"""A right shift of 32 or more, of which the processor takes only the low five bits."""

import math

from qref.mistakes.mistake import Mistake
from qref.mistakes.requantizing import OPERATORS, each, from_numbers, numbers
from qref.numerics.tensor import Tensor
from qref.ops.request import Request


def unshifted(scale: float) -> float:
    """How much too large the scale comes out where a right shift of r = −e ≥ 32 is done by r mod 32."""
    right = -math.frexp(scale)[1]
    return math.ldexp(1.0, right - right % 32) if right >= 32 else 1.0


def run(request: Request) -> list[Tensor]:
    found = numbers(request)
    combined = found.x_scale * found.w_scale / found.y_scale
    return from_numbers(request, w_scale=found.w_scale * each(combined, unshifted))


MISTAKE = Mistake(
    name="right-shift-masked-to-five-bits",
    operators=OPERATORS,
    flags=("tiny-multiplier",),
    effect="A scale of 2⁻³³ (0.5 · 2⁻³², shift 32) is used as 0.5: 100 becomes 50 (right: 0).",
    fix="Take multiplier 0 where the shift passes 31; the scaled value is then below 1/2.",
    symptom="nearly everywhere",
    run=run,
)
