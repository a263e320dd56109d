"""Channel scales indexed by the channel's place in its group, so that every group uses the first group's scales."""

import numpy as np

from qref.mistakes.mistake import Mistake
from qref.mistakes.requantizing import from_numbers, numbers
from qref.numerics.tensor import Tensor
from qref.ops.request import Request


def run(request: Request) -> list[Tensor]:
    found = numbers(request)
    group = request.attributes.get("group", 1)
    channels = found.w_scale.shape[0] if found.w_scale.ndim else 1
    if group == 1 or channels % group:
        return from_numbers(request)
    return from_numbers(request, w_scale=found.w_scale[np.arange(channels) % (channels // group)])


MISTAKE = Mistake(
    name="channel-scales-restart-in-each-group",
    operators=("QLinearConv",),
    flags=("per-channel", "group", "depthwise"),
    effect=(
        "With two groups of two channels, channels 2 and 3 are requantized with the scales of 0 and 1; a "
        "depthwise convolution uses scale 0 throughout."
    ),
    fix="Offset the scale pointer by the group's first output channel, as weights and bias are.",
    symptom="only with several channels, rows or blocks",
    run=run,
)
