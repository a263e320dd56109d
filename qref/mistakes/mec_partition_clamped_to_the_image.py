"""MEC's partition clamped to the image: at the upper border it begins at row 0, with all rows of the kernel."""

from qref.conv.geometry import Geometry
from qref.mistakes.altered_convolution import outputs_of, starting_at
from qref.mistakes.mistake import Mistake
from qref.mistakes.products import CONVOLUTIONS, spatial_of
from qref.numerics.tensor import Tensor
from qref.ops.request import Request


def run(request: Request) -> list[Tensor]:
    def clamped(geometry: Geometry) -> list[list[int]]:
        numbers = outputs_of(geometry, spatial_of(request))
        starts = [[p * s - b for p in row] for row, s, b in zip(numbers, geometry.strides, geometry.pads_begin)]
        return [*([max(start, 0) for start in row] for row in starts[:-1]), starts[-1]]

    return starting_at(request, clamped)


MISTAKE = Mistake(
    name="mec-partition-clamped-to-the-image",
    operators=CONVOLUTIONS,
    flags=("overlapping-rows", "padding"),
    effect=(
        "max(s·h − b, 0) is the first row of partition h, and the kernel is not cut: with pads of 1 the first output "
        "row is computed from rows 0, 1, 2, as the second is. Right below."
    ),
    fix="Where a partition begins above the image, leave out as many rows of the kernel.",
    symptom="only at the edges of an image",
    run=run,
)
