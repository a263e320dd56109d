"""Bias indexed by the image: image n of a batch takes B[n] in all its channels."""

import numpy as np

from qref.mistakes.altered_request import rerun
from qref.mistakes.bias import WITH_BIAS, bias_of
from qref.mistakes.mistake import Mistake
from qref.mistakes.products import POSITIONS
from qref.numerics.tensor import Tensor
from qref.ops.request import Request


def run(request: Request) -> list[Tensor]:
    bias_of(request, WITH_BIAS)
    at = POSITIONS[request.op].bias
    assert at is not None
    B = request.inputs[at]
    assert B is not None
    answers = rerun(request)
    for n in range(answers[0].shape[0] if B.data.size else 0):
        # beyond the last bias a real engine reads whatever follows; here it begins again
        one = np.full_like(B.data, B.data[n % B.data.size])
        answers[0].data[n] = rerun(request, inputs={at: Tensor(B.dtype, one)})[0].data[n]
    return answers


MISTAKE = Mistake(
    name="bias-indexed-by-image",
    operators=WITH_BIAS,
    flags=("bias", "batch"),
    effect=(
        "B[n] is read where B[m] is meant: the first image is computed with B[0] in every channel, the second with "
        "B[1]. Right for one output channel and one image."
    ),
    fix="The bias belongs to the output channel.",
    symptom="only with several channels, rows or blocks",
    run=run,
    seen_in=("kraiskil/onnx2c#7",),
    real=True,
)
