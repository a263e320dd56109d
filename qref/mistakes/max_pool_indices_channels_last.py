"""Indices channels last: places are counted in an image whose channels are innermost."""

import numpy as np

from qref.mistakes.mistake import Mistake
from qref.mistakes.pools import Indices, image, with_indices
from qref.numerics.tensor import Tensor
from qref.ops.request import Request

MAX = ("MaxPool",)


def run(request: Request) -> list[Tensor]:
    def innermost(places: Indices) -> Indices:
        shape = image(request).shape
        n, c, *pixel = np.unravel_index(places, shape)
        return np.ravel_multi_index((n, *pixel, c), (shape[0], *shape[2:], shape[1]))

    return with_indices(request, innermost)


MISTAKE = Mistake(
    name="max-pool-indices-channels-last",
    operators=MAX,
    flags=("indices",),
    effect="Element 1 of channel 0 of an image with 2 channels is 2 in NHWC instead of 1. Right for one channel.",
    fix="Convert indices with the layout: take them apart in NHWC, put them together in NCHW.",
    symptom="only with several channels, rows or blocks",
    run=run,
    seen_in=("onnx/onnx-tensorflow#719",),
    real=True,
)
