"""The accumulator shifted to the left in 32 bits, where it wraps."""

import math

import numpy as np

from qref.mistakes.mistake import Mistake
from qref.mistakes.requantizing import OPERATORS, each, from_numbers, numbers
from qref.numerics.saturation import wrap
from qref.numerics.tensor import Tensor
from qref.ops.request import Request


def left_shift(scale: float) -> float:
    """The left shift that belongs to a scale, held below 32."""
    _, exponent = math.frexp(scale)
    return min(max(exponent, 0), 31)


def run(request: Request) -> list[Tensor]:
    found = numbers(request)
    combined = np.broadcast_to(found.x_scale * found.w_scale / found.y_scale, found.accumulator.shape)
    left = each(combined, left_shift).astype(np.int64)
    accumulator = wrap(wrap(found.accumulator, 32) << left, 32)
    return from_numbers(request, accumulator=accumulator, w_scale=found.w_scale * np.ldexp(1.0, -left))


MISTAKE = Mistake(
    name="left-shift-overflows",
    operators=OPERATORS,
    flags=("left-shift", "large-scale", "saturation"),
    effect="2³⁰ with scale 3 is shifted by 2, wraps to 0 and becomes 0 in int8 (right: 127).",
    fix="Shift in 64 bits, or saturate the shifted accumulator.",
    symptom="only when sums overflow",
    run=run,
    seen_in=("ARM-software/CMSIS-NN#220",),
)
