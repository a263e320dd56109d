"""One-bit DoReFa weights with a scale a channel, as XNOR-Net has it."""

import numpy as np

from qref.errors import Unsupported
from qref.mistakes.altered_request import check, rerun
from qref.mistakes.low_bits import data
from qref.mistakes.mistake import Mistake
from qref.numerics.floats import encode
from qref.numerics.tensor import Tensor
from qref.ops.request import Request
from qref.quantizers.granularity import matrix

OPERATORS = ("DoReFaWeight",)


def run(request: Request) -> list[Tensor]:
    check(request, OPERATORS)
    if request.attributes.get("bits", 2) != 1:
        raise Unsupported("more bits than one have no scale")
    W = data(request)
    means = np.abs(W.reshape(matrix(W.shape))).mean(axis=1) if W.size else np.zeros(matrix(W.shape)[0])
    codes, _ = rerun(request)
    return [codes, encode(np.stack([-means, means], axis=1), "float32")]


MISTAKE = Mistake(
    name="dorefa-one-bit-scale-a-channel",
    operators=OPERATORS,
    flags=("dorefa-one-bit",),
    effect="Channels with mean magnitudes 1 and 3 get the scales 1 and 3, where the layer has 2.",
    fix="Take the mean of |w| over the whole layer: its bits then work in the backward convolution too.",
    symptom="only with several channels, rows or blocks",
    run=run,
)
