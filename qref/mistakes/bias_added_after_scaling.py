"""The bias added to the requantized value, in steps of the output."""

import numpy as np

from qref.mistakes.bias import bias_of, without_bias
from qref.mistakes.mistake import Mistake
from qref.mistakes.requantizing import numbers
from qref.numerics.formats import integer
from qref.numerics.tensor import Tensor
from qref.ops import rule
from qref.ops.request import Request


def run(request: Request) -> list[Tensor]:
    bias = bias_of(request)
    found = numbers(without_bias(request))
    y = found.apply(rule(request))
    format = integer(found.dtype)
    stored = np.clip(y.data.astype(np.int64) + bias, format.lowest, format.highest)
    return [Tensor(found.dtype, stored.astype(y.data.dtype))]


MISTAKE = Mistake(
    name="bias-added-after-scaling",
    operators=("QLinearConv",),
    flags=("bias",),
    effect="B = 100 with a combined scale of 0.1 raises the output by 100 (right: 10), mostly into saturation.",
    fix="Add the bias to the int32 accumulator: its scale is x_scale · w_scale.",
    symptom="nearly everywhere",
    run=run,
)
