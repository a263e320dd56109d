"""Pairs of planes weighted by the plane of x alone: 2^i in place of 2^(i+j)."""

import numpy as np

from qref.errors import Unsupported
from qref.mistakes.few_bits import planes_of, read_otherwise
from qref.mistakes.mistake import Mistake
from qref.numerics.tensor import Tensor
from qref.ops.request import Request


def run(request: Request) -> list[Tensor]:
    found = planes_of(request)
    if found.w_code.bits == 1:
        raise Unsupported("w has one plane: its factor is 1")
    signs = [int(np.sign(factor)) for factor in found.w_code.factors]
    if found.w_code.kind == "bipolar":
        return read_otherwise(request, found.x_code.factors, [2 * sign for sign in signs], -found.w_code.bits)
    return read_otherwise(request, found.x_code.factors, signs, 0)


MISTAKE = Mistake(
    name="planes-weighted-by-one-side",
    operators=("BitSerialConv",),
    flags=("planes",),
    effect="Counts of plane i of x and plane j of w are shifted by i, not by i + j: 3·3 is 3·2 = 6.",
    fix="Shift by the sum of both planes.",
    symptom="nearly everywhere",
    run=run,
)
