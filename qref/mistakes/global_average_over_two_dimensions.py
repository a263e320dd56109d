"""Global average over two dimensions: the last two axes, whatever the rank."""

import numpy as np

from qref.mistakes.altered_request import check
from qref.mistakes.mistake import Mistake
from qref.mistakes.pools import image
from qref.numerics.exact_sums import mean
from qref.numerics.floats import decode, encode, float_format
from qref.numerics.tensor import Tensor
from qref.ops.request import Request

GLOBAL = ("GlobalAveragePool",)


def run(request: Request) -> list[Tensor]:
    check(request, GLOBAL)
    x = image(request)
    *outer, H, W = x.shape
    terms = np.moveaxis(decode(x).reshape(*outer, H * W), -1, 0)
    return [encode(mean(terms, np.array(H * W), float_format(x.dtype)).reshape(*outer, 1, 1), x.dtype)]


MISTAKE = Mistake(
    name="global-average-over-two-dimensions",
    operators=GLOBAL,
    flags=("global", "three-dimensional", "one-dimensional"),
    effect=(
        "[N, C, 2, 2, 2] becomes [N, C, 2, 1, 1], and [N, C, 4] the average over channels, [N, 1, 1]. Right for images."
    ),
    fix="Average over all axes from the third on.",
    symptom="only in some shapes",
    run=run,
    seen_in=("onnx/onnx#3478",),
    real=True,
)
