"""Winograd with a stride: tiles follow each other by the stride, the outputs inside a tile by one pixel."""

from qref.conv.geometry import Geometry
from qref.mistakes.altered_convolution import outputs_of, starting_at
from qref.mistakes.mistake import Mistake
from qref.mistakes.products import CONVOLUTIONS, spatial_of
from qref.numerics.tensor import Tensor
from qref.ops.request import Request


def run(request: Request) -> list[Tensor]:
    def by_tiles(geometry: Geometry) -> list[list[int]]:
        usual = geometry.kernel == (3, 3) and geometry.dilations == (1, 1)
        ways = zip(outputs_of(geometry, spatial_of(request)), geometry.strides, geometry.pads_begin)
        return [[(p - p % 2) * s + p % 2 - b if usual else p * s - b for p in row] for row, s, b in ways]

    return starting_at(request, by_tiles)


MISTAKE = Mistake(
    name="winograd-with-stride",
    operators=CONVOLUTIONS,
    flags=("tile-tail", "stride"),
    effect=(
        "The transform is taken for any 3×3 kernel. At stride 2 output 0 is right, output 1 is that of the window one "
        "pixel further instead of two, output 2 is right again. Right at stride 1."
    ),
    fix="Use F(2×2, 3×3) at stride 1 only; its outputs overlap by two pixels.",
    symptom="only in some shapes",
    run=run,
)
