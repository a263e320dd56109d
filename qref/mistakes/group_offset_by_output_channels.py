"""Group offset by output channels: group g reads input channels from g·M/G on instead of g·C/G."""

import numpy as np

from qref.conv.geometry import Geometry
from qref.mistakes.altered_convolution import with_operands
from qref.mistakes.mistake import Mistake
from qref.mistakes.products import CONVOLUTIONS, Array
from qref.numerics.tensor import Tensor
from qref.ops.request import Request


def shifted(x: Array, w: Array, geometry: Geometry) -> tuple[Array, Array, Geometry]:
    if x.shape[1] == 0:
        return x, w, geometry
    M_g, C_g = w.shape[0] // geometry.group, w.shape[1]
    # beyond the last channel a real engine reads the next image; here it begins again
    channels = [(g * M_g + c) % x.shape[1] for g in range(geometry.group) for c in range(C_g)]
    return np.ascontiguousarray(x[:, channels]), w, geometry


def run(request: Request) -> list[Tensor]:
    return with_operands(request, shifted)


MISTAKE = Mistake(
    name="group-offset-by-output-channels",
    operators=CONVOLUTIONS,
    flags=("group",),
    effect=(
        "With group 2, 4 input and 6 output channels the second group reads from channel 3 on instead of 2. Right for "
        "one group, and where C = M."
    ),
    fix="The input's offset is g·C/G channels, the output's g·M/G.",
    symptom="only with several channels, rows or blocks",
    run=run,
)
