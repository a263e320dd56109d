"""Signed activations stored as x + 2^(n−1): zero bits in the padding stand for −2^(n−1)."""

import numpy as np

from qref.conv.direct import direct
from qref.errors import Unsupported
from qref.mistakes.altered_convolution import unpadded
from qref.mistakes.few_bits import planes_of, sums
from qref.mistakes.mistake import Mistake
from qref.numerics.tensor import Tensor
from qref.ops.request import Request


def run(request: Request) -> list[Tensor]:
    found = planes_of(request)
    if found.x_code.kind != "signed":
        raise Unsupported("x is not signed")
    around = [(0, 0), (0, 0), *zip(found.geometry.pads_begin, found.geometry.pads_end, strict=True)]
    padded = np.pad(found.x, around, constant_values=-(1 << (found.x_code.bits - 1)))
    return sums(direct(padded, found.w, unpadded(found.geometry)))


MISTAKE = Mistake(
    name="biased-planes-count-padding",
    operators=("BitSerialConv",),
    flags=("padding",),
    effect="Planes of x + 2^(n−1) less 2^(n−1)·Σ w of the whole kernel: in 4 bits a padded tap counts −8·w.",
    fix="Planes of two's complement, whose zero is all zeros; or sums of w over the taps on the image.",
    symptom="only at the edges of an image",
    run=run,
)
