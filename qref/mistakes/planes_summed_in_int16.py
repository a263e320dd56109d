"""Bit-serial sums in 16 bits, as TVM's bit-serial operators give them unless another type is asked for."""

import numpy as np

from qref.mistakes.altered_request import check, rerun
from qref.mistakes.mistake import Mistake
from qref.numerics.saturation import wrap
from qref.numerics.tensor import Tensor
from qref.ops.request import Request


def run(request: Request) -> list[Tensor]:
    check(request, ("BitSerialConv",))
    [y] = rerun(request)
    return [Tensor("int32", wrap(y.data.astype(np.int64), 16).astype(np.int32))]


MISTAKE = Mistake(
    name="planes-summed-in-int16",
    operators=("BitSerialConv",),
    flags=("int16-sums",),
    effect="Sums wrap beyond 32767: 600 products of 64 are 38400 and give −27136.",
    fix="Sum in 32 bits, or prove from taps and widths that 16 hold.",
    symptom="only when sums overflow",
    run=run,
)
