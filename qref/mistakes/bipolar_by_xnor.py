"""xnor and popcount where activations are 0 and 1: the binary kernel reads a 0 as −1."""

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
    if found.w_code.kind != "bipolar":
        raise Unsupported("w is not bipolar")
    x = sum(f * (2 * plane - 1) for f, plane in zip(found.x_code.factors, found.bits(True)))
    around = [(0, 0), (0, 0), *zip(found.geometry.pads_begin, found.geometry.pads_end, strict=True)]
    padded = np.pad(np.asarray(x), around, constant_values=-sum(found.x_code.factors))
    return sums(direct(padded, found.w, unpadded(found.geometry)))


MISTAKE = Mistake(
    name="bipolar-by-xnor",
    operators=("BitSerialConv",),
    flags=("bipolar",),
    effect="n − 2·popcount(x ⊕ w) of each plane: a bit of 0 counts as −1, so that x = 0 in 2 bits is read as −3.",
    fix="Take and, not exclusive or: only binary activations of ±1 are for xnor.",
    symptom="nearly everywhere",
    run=run,
    seen_in=("jwfromm/Riptide#8", "larq/compute-engine#526"),
)
