"""The combined scale x_scale · w_scale / y_scale kept in float16."""

import numpy as np

from qref.mistakes.mistake import Mistake
from qref.mistakes.requantizing import OPERATORS, with_scale
from qref.numerics.floats import float_format, round_to
from qref.numerics.tensor import Tensor
from qref.ops.request import Request


def float16(scale: float) -> float:
    """The scale rounded to float16; where that is 0 or infinite, a number that gives 0 or saturates as those do."""
    rounded = float(round_to(np.array([scale]), HALF)[0])
    return min(max(rounded, 2.0**-100), 2.0**64)


HALF = float_format("float16")


def run(request: Request) -> list[Tensor]:
    return with_scale(request, float16)


MISTAKE = Mistake(
    name="combined-scale-in-float16",
    operators=OPERATORS,
    flags=("near-tie", "tiny-multiplier"),
    effect=(
        "A scale keeps 11 bits: 1/3 becomes 0.33325, and 300 · 1/3 = 100 stays 100 but 299.6 / 3 = 99.87 may "
        "move; below 2⁻²⁵ the scale is 0, above 65504 infinite."
    ),
    fix=(
        "Keep the combined scale in float32 or as a 31-bit multiplier with a shift, even where activations are float16."
    ),
    symptom="only near ties",
    run=run,
)
