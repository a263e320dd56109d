"""Rounded by adding 1.5 · 2²³ and reading the sum's bits, without a clamp before."""

from typing import Any

import numpy as np

from qref.mistakes.mistake import Mistake
from qref.mistakes.requantizing import OPERATORS, by_rule, hold, in_float32
from qref.numerics.formats import Integer
from qref.numerics.saturation import wrap
from qref.numerics.tensor import Tensor
from qref.ops.request import Request


def store(accumulator: Any, scale: Any, zero_point: int, format: Integer) -> int:
    """The trick is right while |acc · scale| < 2²²."""
    sum = np.float32(accumulator * scale + np.float32(12582912.0))
    bits = int(np.float32(sum).view(np.int32))
    return hold(wrap(bits - 0x4B400000, 32) + zero_point, format)


RULE = in_float32("magic-number-without-clamp", store)


def run(request: Request) -> list[Tensor]:
    return by_rule(request, RULE)


MISTAKE = Mistake(
    name="magic-number-without-clamp",
    operators=OPERATORS,
    flags=("saturation", "large-scale"),
    effect=(
        "−20000000 gives a negative sum whose bits, less 0x4B400000, are positive as int32: it saturates to 127 "
        "(right: −128)."
    ),
    fix="Clamp the float to the output's range (less the zero point) before the magic number is added.",
    symptom="only at the ends of the range",
    run=run,
)
