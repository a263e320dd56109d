"""Tail of input channels dropped: the sum ends at the last whole block of four channels."""

from qref.conv.geometry import Geometry
from qref.mistakes.altered_convolution import with_operands
from qref.mistakes.mistake import Mistake
from qref.mistakes.products import CONVOLUTIONS, Array
from qref.numerics.tensor import Tensor
from qref.ops.request import Request


def whole_blocks(x: Array, w: Array, geometry: Geometry) -> tuple[Array, Array, Geometry]:
    G, C = geometry.group, w.shape[1]
    kept = C // 4 * 4 if C > 4 else C
    (N, _, *image), groups = x.shape, x.reshape(x.shape[0], G, C, *x.shape[2:])
    return groups[:, :, :kept].reshape(N, G * kept, *image), w[:, :kept], geometry


def run(request: Request) -> list[Tensor]:
    return with_operands(request, whole_blocks)


MISTAKE = Mistake(
    name="blocked-input-channel-tail-dropped",
    operators=CONVOLUTIONS,
    flags=("channel-tail",),
    effect=(
        "In a layout of blocks of 4 channels ⌊C / 4⌋ blocks are summed: of 5 channels the fifth is missing. Right "
        "where 4 divides the channels of a group; fewer than 4 have a loop of their own."
    ),
    fix="Count ⌈C / 4⌉ blocks and fill the last up with zeros, in the image and in the weights.",
    symptom="only with several channels, rows or blocks",
    run=run,
)
