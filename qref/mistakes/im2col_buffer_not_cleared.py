"""im2col's buffer not cleared: beside the image it keeps what the row of outputs before has left there."""

import numpy as np

from qref.conv.geometry import Geometry
from qref.mistakes.altered_convolution import by_sums, lowered, multiplied
from qref.mistakes.mistake import Mistake
from qref.mistakes.products import CONVOLUTIONS, Array
from qref.numerics.tensor import Tensor
from qref.ops.request import Request


def with_leftovers(x: Array, w: Array, geometry: Geometry) -> Array:
    columns, inside = lowered(x, geometry), lowered(np.ones(x.shape, np.bool_), geometry)
    before = 1 + len(geometry.kernel)
    # one row of outputs after the other, image by image, in one buffer that was zero at first
    rows = (*columns.shape[:before], columns.shape[before] * columns.shape[before + 1], *columns.shape[before + 2 :])
    buffer, written = (np.moveaxis(v.reshape(rows), before, 0) for v in (columns, inside))
    for row in range(1, len(buffer)):
        buffer[row] = np.where(written[row], buffer[row], buffer[row - 1])
    return multiplied(columns, w, geometry)


def run(request: Request) -> list[Tensor]:
    return by_sums(request, with_leftovers)


MISTAKE = Mistake(
    name="im2col-buffer-not-cleared",
    operators=CONVOLUTIONS,
    flags=("padding", "batch"),
    effect=(
        "Zeros are written into the buffer once. With a 3×3 kernel and pads of 1 the last row of outputs finds the "
        "last image row but one where the padding should be, and the next image's first row finds this image's last."
    ),
    fix="Write zeros wherever a tap lies beside the image, every time; or keep one buffer for each position.",
    symptom="only at the edges of an image",
    run=run,
    seen_in=("Tencent/ncnn#6766",),
)
