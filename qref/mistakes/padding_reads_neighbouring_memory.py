"""Padding reads neighbouring memory: left and right of a row the loads go on, into the row before and the next."""

import numpy as np

from qref.conv.geometry import Geometry
from qref.mistakes.altered_convolution import unpadded, with_operands
from qref.mistakes.mistake import Mistake
from qref.mistakes.products import CONVOLUTIONS, Array
from qref.numerics.tensor import Tensor
from qref.ops.request import Request


def run_on(x: Array, w: Array, geometry: Geometry) -> tuple[Array, Array, Geometry]:
    if x.size == 0:
        return x, w, geometry
    begin, end, width = geometry.pads_begin[-1], geometry.pads_end[-1], x.shape[-1]
    places = np.arange(0, x.size, width)[:, np.newaxis] + np.arange(-begin, width + end)
    inside = (places >= 0) & (places < x.size)
    rows = np.where(inside, x.ravel()[np.clip(places, 0, x.size - 1)], 0)
    return rows.reshape(*x.shape[:-1], -1), w, unpadded(geometry, [len(geometry.kernel) - 1])


def run(request: Request) -> list[Tensor]:
    return with_operands(request, run_on)


MISTAKE = Mistake(
    name="padding-reads-neighbouring-memory",
    operators=CONVOLUTIONS,
    flags=("padding", "tile-tail"),
    effect=(
        "Only rows are checked against the image. On x = [[1, 2], [3, 4]] a pad of 1 to the right of row 0 reads 3, "
        "one to the left of row 1 reads 2. Right with padding above and below alone."
    ),
    fix="Mask the loads of the first and last tiles of a row, or copy them into a tile of zeros.",
    symptom="only at the edges of an image",
    run=run,
    seen_in=("uxlfoundation/oneDNN#5080",),
    real=True,
)
