"""Pad: rows reflected from above and below are reversed as well."""

import numpy as np

from qref.mistakes.altered_request import rerun
from qref.mistakes.mistake import Mistake
from qref.mistakes.padding import PAD, amounts
from qref.numerics.tensor import Tensor
from qref.ops.request import Request


def run(request: Request) -> list[Tensor]:
    added, (y,) = amounts(request), rerun(request)
    if request.attributes.get("mode") != "reflect" or not y.data.size:
        return [y]
    rank, data = len(y.shape), y.data.copy()
    beyond = np.zeros(y.shape[:-1], bool)
    for axis, (begin, end) in added.items():
        if axis < rank - 1:
            edge = np.ones(y.shape[axis], bool)
            edge[max(begin, 0) : y.shape[axis] - max(end, 0)] = False
            beyond |= edge.reshape(-1, *[1] * (rank - 2 - axis))
    data[beyond] = data[beyond][:, ::-1]
    return [Tensor(y.dtype, data)]


MISTAKE = Mistake(
    name="pad-reflect-reverses-inner-rows",
    operators=PAD,
    flags=("pad-reflect",),
    effect=(
        "[[0, 1], [4, 5]] with one row above gives [5, 4] there instead of [4, 5]. Right where the last axis alone is "
        "padded."
    ),
    fix="Copy whole rows; reverse along the padded axis only.",
    symptom="only at the edges of an image",
    run=run,
    seen_in=("microsoft/onnxruntime#6442",),
    real=True,
)
