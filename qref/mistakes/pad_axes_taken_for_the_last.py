"""Pad: `axes` read as the last ones, in ascending order."""

import numpy as np

from qref.mistakes.altered_request import check, rerun
from qref.mistakes.mistake import Mistake
from qref.mistakes.padding import PAD
from qref.mistakes.products import left_of
from qref.numerics.tensor import Tensor, tensor
from qref.ops.request import Request


def run(request: Request) -> list[Tensor]:
    check(request, PAD)
    axes, rank = request.inputs[3] if len(request.inputs) > 3 else None, len(left_of(request).shape)
    if axes is None:
        return rerun(request)
    return rerun(request, inputs={3: tensor(np.arange(rank - axes.data.size, rank), axes.dtype)})


MISTAKE = Mistake(
    name="pad-axes-taken-for-the-last",
    operators=PAD,
    flags=("pad-axes",),
    effect=(
        "axes [1, 0] with pads [1, 0, 0, 2] of a matrix add 1 row instead of 1 column. Right where the last axes are "
        "named in order."
    ),
    fix="Pads belong to the axes in the order of `axes`.",
    symptom="only in some shapes",
    run=run,
)
