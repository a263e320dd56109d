"""MEC's vertical padding forgotten: the lowered matrix has none, and partition h begins at row s·h of the image."""

from dataclasses import replace

from qref.conv.geometry import Geometry
from qref.mistakes.altered_convolution import with_operands
from qref.mistakes.mistake import Mistake
from qref.mistakes.products import CONVOLUTIONS, Array
from qref.numerics.tensor import Tensor
from qref.ops.request import Request


def from_first_row(x: Array, w: Array, geometry: Geometry) -> tuple[Array, Array, Geometry]:
    begin, end = geometry.pads_begin, geometry.pads_end
    first = (*(0 for _ in begin[:-1]), begin[-1])
    rest = (*(b + e for b, e in zip(begin[:-1], end[:-1], strict=True)), end[-1])
    return x, w, replace(geometry, pads_begin=first, pads_end=rest)


def run(request: Request) -> list[Tensor]:
    return with_operands(request, from_first_row)


MISTAKE = Mistake(
    name="mec-vertical-padding-forgotten",
    operators=CONVOLUTIONS,
    flags=("overlapping-rows", "padding"),
    effect=(
        "The lowered matrix is padded to the left and right only. A 3×3 kernel with pads of 1 sees rows 0, 1, 2 in "
        "its first output row instead of none, 0, 1: every output is that of the row below."
    ),
    fix=(
        "Begin partition h at row s·h − pads_begin, and leave out kernel rows that lie beside the image; or lower the "
        "padded image."
    ),
    symptom="only in some shapes",
    run=run,
)
