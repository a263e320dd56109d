"""Ones of a pair of planes counted in a byte: NEON's vcnt and vadd on lanes of 8 bits, widened only at the end."""

import numpy as np

from qref.conv.direct import direct
from qref.mistakes.few_bits import planes_of, sums
from qref.mistakes.mistake import Mistake
from qref.numerics.tensor import Tensor
from qref.ops.request import Request


def run(request: Request) -> list[Tensor]:
    found = planes_of(request)
    y = found.w_code.offset * direct(found.x, np.ones_like(found.w), found.geometry)
    for c, x in zip(found.x_code.factors, found.bits(True)):
        for d, w in zip(found.w_code.factors, found.bits(False)):
            y = y + c * d * (direct(x, w, found.geometry) & 255)
    return sums(np.asarray(y))


MISTAKE = Mistake(
    name="plane-counts-in-eight-bits",
    operators=("BitSerialConv",),
    flags=("long-counts",),
    effect="A count of ones beyond 255 wraps: of 300 ones 44 are left.",
    fix="Widen counts to 16 bits at least every 31 additions of a byte's ones, and sum in 32.",
    symptom="only when sums overflow",
    run=run,
)
