"""Indices without the channel's offset: each plane is counted from 0."""

import math

from qref.mistakes.mistake import Mistake
from qref.mistakes.pools import Indices, image, with_indices
from qref.numerics.tensor import Tensor
from qref.ops.request import Request

MAX = ("MaxPool",)


def run(request: Request) -> list[Tensor]:
    def in_plane(places: Indices) -> Indices:
        return places % max(math.prod(image(request).shape[2:]), 1)

    return with_indices(request, in_plane)


MISTAKE = Mistake(
    name="max-pool-indices-without-channel-offset",
    operators=MAX,
    flags=("indices", "batch"),
    effect=(
        "PyTorch counts in the plane, ONNX in the whole tensor: element 3 of channel 1 of a 2×2 image is 7, not 3. "
        "Right for one image of one channel."
    ),
    fix="Add (n·C + c)·H·W.",
    symptom="only with several channels, rows or blocks",
    run=run,
    seen_in=("open-mmlab/mmagic#243", "pytorch/pytorch#16455"),
    real=True,
)
