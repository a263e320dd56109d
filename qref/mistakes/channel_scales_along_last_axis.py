"""Channel scales indexed as if channels came last (NHWC), on a tensor where they come second."""

import numpy as np

from qref.mistakes.mistake import Mistake
from qref.mistakes.requantizing import from_numbers, numbers
from qref.numerics.tensor import Tensor
from qref.ops.request import Request


def run(request: Request) -> list[Tensor]:
    found = numbers(request)
    count = found.w_scale.size
    if count < 2:
        return from_numbers(request)
    index = np.arange(found.accumulator.size).reshape(found.accumulator.shape) % count
    return from_numbers(request, w_scale=found.w_scale.reshape(-1)[index])


MISTAKE = Mistake(
    name="channel-scales-along-last-axis",
    operators=("QLinearConv", "Requantize"),
    flags=("per-channel", "negative-axis"),
    effect=(
        "Element i takes scale i mod C of its place in memory: in a [1, 2, 1, 2] output the channels' scales "
        "alternate inside each channel."
    ),
    fix="Take the channel from the tensor's layout: (i / spatial size) mod C for NCHW.",
    symptom="only with several channels, rows or blocks",
    run=run,
)
