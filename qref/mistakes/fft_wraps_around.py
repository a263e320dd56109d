"""FFT wraps around: the transform is as long as the image, so windows that hang over meet the other side."""

import numpy as np

from qref.conv.geometry import Geometry
from qref.mistakes.altered_convolution import unpadded, with_operands
from qref.mistakes.mistake import Mistake
from qref.mistakes.products import CONVOLUTIONS, Array
from qref.numerics.tensor import Tensor
from qref.ops.request import Request


def circular(x: Array, w: Array, geometry: Geometry) -> tuple[Array, Array, Geometry]:
    if x.size == 0:
        return x, w, geometry
    for i, (begin, end) in enumerate(zip(geometry.pads_begin, geometry.pads_end, strict=True)):
        length = x.shape[2 + i]
        x = np.take(x, np.arange(-begin, length + end) % length, axis=2 + i)
    return x, w, unpadded(geometry)


def run(request: Request) -> list[Tensor]:
    return with_operands(request, circular)


MISTAKE = Mistake(
    name="fft-wraps-around",
    operators=CONVOLUTIONS,
    flags=("padding", "pad-exceeds-kernel"),
    effect=(
        "A product of spectra is a circular convolution: [1, 2, 3] under the kernel [1, 1] with one pad before it "
        "gives 3 + 1 = 4 first instead of 1. Right without padding."
    ),
    fix="Make the transform as long as the padded image.",
    symptom="only at the edges of an image",
    run=run,
)
