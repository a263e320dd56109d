"""The fixed-point multiplier cut to 31 bits instead of rounded."""

import math

from qref.mistakes.mistake import Mistake
from qref.mistakes.requantizing import OPERATORS, with_scale
from qref.numerics.tensor import Tensor
from qref.ops.request import Request


def truncated(scale: float) -> float:
    """The scale with its fraction cut to 31 bits."""
    fraction, exponent = math.frexp(scale)
    return math.ldexp(math.floor(math.ldexp(fraction, 31)), exponent - 31)


def run(request: Request) -> list[Tensor]:
    return with_scale(request, truncated)


MISTAKE = Mistake(
    name="multiplier-truncated",
    operators=OPERATORS,
    flags=("near-tie", "multiplier-rounds-up"),
    effect=(
        "5/6 becomes 1789569706 · 2⁻³¹, a little too small: 3 · 5/6 = 2.5 is no tie any more, and 9 · 5/6 = 7.5 "
        "becomes 7 (right: 8)."
    ),
    fix=("Round the fraction: round(frexp(scale) · 2³¹), and where that gives 2³¹, halve it and raise the exponent."),
    symptom="only near ties",
    run=run,
)
