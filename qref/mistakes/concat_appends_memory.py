"""Concat: one tensor's memory after the other's, whatever the axis."""

import numpy as np

from qref.mistakes.altered_request import check, rerun
from qref.mistakes.mistake import Mistake
from qref.numerics.tensor import Tensor
from qref.ops.request import Request


def run(request: Request) -> list[Tensor]:
    check(request, ("Concat",))
    (y,) = rerun(request)
    flat = np.concatenate([x.data.ravel() for x in request.inputs if x is not None])
    return [Tensor(y.dtype, flat.reshape(y.shape))]


MISTAKE = Mistake(
    name="concat-appends-memory",
    operators=("Concat",),
    flags=("concat-axis",),
    effect=(
        "[[1], [2]] and [[3], [4]] along axis 1 give [[1, 2], [3, 4]] instead of [[1, 3], [2, 4]]. Right along the "
        "first dimension that is not 1."
    ),
    fix="Copy a block of each tensor for every index before the axis.",
    symptom="only in some shapes",
    run=run,
)
