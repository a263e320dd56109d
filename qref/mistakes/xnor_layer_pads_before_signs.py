"""Padding with zeros before the signs are taken: a padded pixel is +1."""

import numpy as np

from qref.conv.direct import direct
from qref.conv.geometry import Geometry
from qref.mistakes.altered_convolution import unpadded
from qref.mistakes.altered_request import check
from qref.mistakes.binary_schemes import Array, layer
from qref.mistakes.mistake import Mistake
from qref.numerics.tensor import Tensor
from qref.ops.request import Request

OPERATORS = ("XnorConv",)


def run(request: Request) -> list[Tensor]:
    check(request, OPERATORS)

    def of_padded(x: Array, w: Array, windows: Geometry) -> Array:
        around = list(zip(windows.pads_begin, windows.pads_end, strict=True))
        return direct(np.pad(x, [(0, 0), (0, 0), *around], constant_values=1.0), w, unpadded(windows))

    return layer(request, products=of_padded)


MISTAKE = Mistake(
    name="xnor-layer-pads-before-signs",
    operators=OPERATORS,
    flags=("signs", "padding"),
    effect="sign(0) = +1 meets the kernel: at a corner of a 3×3 kernel of ones the sum is 9 instead of 4.",
    fix="Take signs first, and leave taps beside the image out.",
    symptom="only at the edges of an image",
    run=run,
)
