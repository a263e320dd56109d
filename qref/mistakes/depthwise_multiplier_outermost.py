"""Depthwise multiplier outermost: output channels are ordered by multiplier, then by input channel."""

import numpy as np

from qref.conv.geometry import Geometry
from qref.mistakes.altered_convolution import with_right_sums
from qref.mistakes.mistake import Mistake
from qref.mistakes.products import CONVOLUTIONS, Array
from qref.numerics.tensor import Tensor
from qref.ops.request import Request


def by_multiplier(y: Array, x: Array, w: Array, geometry: Geometry) -> Array:
    if w.shape[1] != 1:
        return y
    N, M, *output = y.shape
    channels = y.reshape(N, geometry.group, M // geometry.group, *output)
    return np.swapaxes(channels, 1, 2).reshape(y.shape)


def run(request: Request) -> list[Tensor]:
    return with_right_sums(request, by_multiplier)


MISTAKE = Mistake(
    name="depthwise-multiplier-outermost",
    operators=CONVOLUTIONS,
    flags=("depthwise",),
    effect=(
        "With 3 input and 6 output channels, output channels 0, 1 belong to input channel 0; they come out as "
        "channels 0 and 3. Right for a multiplier of 1 and for one input channel."
    ),
    fix="Output channel m belongs to input channel ⌊m / multiplier⌋.",
    symptom="only with several channels, rows or blocks",
    run=run,
    seen_in=("onnx/onnx-tensorflow#306",),
)
