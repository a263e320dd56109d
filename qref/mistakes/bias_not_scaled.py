"""The bias taken as a real number: not multiplied by x_scale · w_scale, but divided by y_scale."""

from fractions import Fraction

import numpy as np

from qref.mistakes.bias import bias_of, without_bias
from qref.mistakes.mistake import Mistake
from qref.mistakes.requantizing import hold, numbers
from qref.numerics.formats import integer
from qref.numerics.rounding import half_even
from qref.numerics.tensor import Tensor
from qref.ops.request import Request


def run(request: Request) -> list[Tensor]:
    bias = bias_of(request)
    found = numbers(without_bias(request))
    y = np.empty(found.accumulator.shape, found.apply().data.dtype)
    parts = np.broadcast_arrays(found.accumulator, found.x_scale, found.w_scale, bias)
    for i in np.ndindex(*y.shape):
        accumulator, x_scale, w_scale, b = (part[i] for part in parts)
        real = int(accumulator) * Fraction(float(x_scale)) * Fraction(float(w_scale)) + int(b)
        real /= Fraction(found.y_scale)
        y[i] = hold(half_even(real.numerator, real.denominator) + found.zero_point, integer(found.dtype))
    return [Tensor(found.dtype, y)]


MISTAKE = Mistake(
    name="bias-not-scaled",
    operators=("QLinearConv",),
    flags=("bias",),
    effect=(
        "B = 1 with scales 0.1, 0.1 and y_scale 0.1 raises the output by 10 (right: 0.1): the bias weighs 1 / "
        "(x_scale · w_scale) times too much."
    ),
    fix="Multiply the int32 bias by x_scale · w_scale[m], or add it to the integer accumulator.",
    symptom="nearly everywhere",
    run=run,
    seen_in=("llvm/torch-mlir#4645",),
    real=True,
)
