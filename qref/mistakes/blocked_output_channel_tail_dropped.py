"""Tail of output channels dropped: channels behind the last whole block of four hold the bias alone."""

from qref.conv.geometry import Geometry
from qref.mistakes.altered_convolution import with_right_sums
from qref.mistakes.mistake import Mistake
from qref.mistakes.products import CONVOLUTIONS, Array
from qref.numerics.tensor import Tensor
from qref.ops.request import Request


def whole_blocks(y: Array, x: Array, w: Array, geometry: Geometry) -> Array:
    N, M, *output = y.shape
    each = M // geometry.group
    if each > 4:
        groups = y.reshape(N, geometry.group, each, *output).copy()
        groups[:, :, each // 4 * 4 :] = 0
        return groups.reshape(y.shape)
    return y


def run(request: Request) -> list[Tensor]:
    return with_right_sums(request, whole_blocks)


MISTAKE = Mistake(
    name="blocked-output-channel-tail-dropped",
    operators=CONVOLUTIONS,
    flags=("channel-tail",),
    effect=(
        "⌊M / 4⌋ blocks of output channels are computed: of 6 channels the last two stay what they were initialized "
        "to. Right where 4 divides the output channels of a group; fewer than 4 have a loop of their own."
    ),
    fix="Count ⌈M / 4⌉ blocks, with the last block's weights filled up with zeros.",
    symptom="only with several channels, rows or blocks",
    run=run,
)
