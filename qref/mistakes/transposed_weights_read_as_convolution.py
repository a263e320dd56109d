"""Weights of a transposed convolution read as a convolution's: [M, C/group, …] instead of [C, M/group, …]."""

import numpy as np

from qref.mistakes.kernels import with_kernels
from qref.mistakes.mistake import Mistake
from qref.mistakes.products import Array
from qref.mistakes.transposed_convolution import TRANSPOSED
from qref.numerics.tensor import Tensor
from qref.ops.request import Request


def run(request: Request) -> list[Tensor]:
    G = request.attributes.get("group", 1)

    def as_convolution(w: Array) -> Array:
        C, M_g, *kernel = w.shape
        by_group = w.reshape(G, M_g, C // G, *kernel)
        return np.swapaxes(by_group, 1, 2).reshape(w.shape)

    return with_kernels(request, as_convolution, TRANSPOSED)


MISTAKE = Mistake(
    name="transposed-weights-read-as-convolution",
    operators=TRANSPOSED,
    flags=("channel-order", "transposed-padding", "group"),
    effect=(
        "The memory of w [2, 3, …], input channels first, is taken for [3, 2, …]: output channel 0 gets weights 0 and "
        "1 instead of 0 and 3. Right for one input or one output channel a group."
    ),
    fix="ConvTranspose's first axis counts input channels, its second the output channels of a group.",
    symptom="only with several channels, rows or blocks",
    run=run,
    seen_in=("pytorch/glow#4711",),
)
