"""Padding counts as minus one: a binary convolution pads with bits, and a bit is +1 or −1."""

import numpy as np

from qref.conv.geometry import Geometry
from qref.mistakes.altered_convolution import unpadded
from qref.mistakes.mistake import Mistake
from qref.mistakes.products import CONVOLUTIONS, Array, convolved
from qref.mistakes.signs import of_signs
from qref.numerics.tensor import Tensor
from qref.ops.request import Request


def run(request: Request) -> list[Tensor]:
    def with_minus_one(x: Array, w: Array, geometry: Geometry) -> Array:
        around = list(zip(geometry.pads_begin, geometry.pads_end, strict=True))
        padded = np.pad(x, [(0, 0), (0, 0), *around], constant_values=-1)
        return convolved(request, padded, w, unpadded(geometry))

    return of_signs(request, with_minus_one)


MISTAKE = Mistake(
    name="xnor-padding-counts-as-minus-one",
    operators=CONVOLUTIONS,
    flags=("signs", "padding"),
    effect=(
        "Zero bits stand for −1, and the padding holds zero bits: with x = [1], w = [1, 1] and one pad before it the "
        "sum is −1 + 1 = 0 instead of 1. Right without padding."
    ),
    fix="Leave taps beside the image out of both the count and the length, or add the weights that they met.",
    symptom="only at the edges of an image",
    run=run,
    seen_in=("larq/compute-engine#49",),
    real=True,
)
