"""Clip with min above max gives min: the upper limit is applied first."""

import numpy as np

from qref.mistakes.altered_request import check, rerun
from qref.mistakes.mistake import Mistake
from qref.numerics.tensor import Tensor
from qref.ops.onnx.clip import comparable
from qref.ops.request import Request


def run(request: Request) -> list[Tensor]:
    check(request, ("Clip",))
    x, low, high = (*request.inputs, None, None)[:3]
    (y,) = rerun(request)
    if low is None or high is None or request.opset < 13 or comparable(low) <= comparable(high):
        return [y]
    assert x is not None
    return [Tensor(x.dtype, np.full_like(x.data, low.data))]


MISTAKE = Mistake(
    name="clip-min-wins",
    operators=("Clip",),
    flags=("min-above-max",),
    effect="min 2, max 1: every element becomes 2 instead of 1. Right where min is not above max.",
    fix="min(max(x, low), high), in this order, from opset 13 on.",
    symptom="nearly everywhere",
    run=run,
    seen_in=("microsoft/onnxruntime#25057", "microsoft/onnxruntime#5934"),
    real=True,
)
