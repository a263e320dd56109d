"""The bias of every channel taken to have the scale x_scale · w_scale[0]."""

from fractions import Fraction

import numpy as np

from qref.mistakes.bias import bias_of, without_bias
from qref.mistakes.mistake import Mistake
from qref.mistakes.requantizing import from_numbers, hold, numbers
from qref.numerics.formats import integer
from qref.numerics.rounding import half_even
from qref.numerics.tensor import Tensor
from qref.ops.request import Request


def run(request: Request) -> list[Tensor]:
    bias = bias_of(request)
    found = numbers(without_bias(request))
    if found.w_scale.size < 2:
        return from_numbers(request)
    first = Fraction(float(found.w_scale.reshape(-1)[0]))
    y = np.empty(found.accumulator.shape, found.apply().data.dtype)
    parts = np.broadcast_arrays(found.accumulator, found.w_scale, bias)
    for i in np.ndindex(*y.shape):
        accumulator, w_scale, b = (part[i] for part in parts)
        real = (int(accumulator) * Fraction(float(w_scale)) + int(b) * first) * Fraction(float(found.x_scale))
        real /= Fraction(found.y_scale)
        y[i] = hold(half_even(real.numerator, real.denominator) + found.zero_point, integer(found.dtype))
    return [Tensor(found.dtype, y)]


MISTAKE = Mistake(
    name="bias-scaled-by-first-channel",
    operators=("QLinearConv",),
    flags=("bias", "per-channel"),
    effect="With w_scale [0.1, 0.01] the bias of channel 1 weighs ten times too much; channel 0 is right.",
    fix="Scale the bias of channel m by x_scale · w_scale[m].",
    symptom="only with several channels, rows or blocks",
    run=run,
)
