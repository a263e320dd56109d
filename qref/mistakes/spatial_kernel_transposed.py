"""The spatial axes of a kernel taken for each other: vertical filters along x."""

import numpy as np

from qref.mistakes.altered_request import check, rerun
from qref.mistakes.mistake import Mistake
from qref.numerics.tensor import Tensor
from qref.ops.request import Request

OPERATORS = ("LowRankSpatial",)


def run(request: Request) -> list[Tensor]:
    check(request, OPERATORS)
    W = request.inputs[0]
    assert W is not None
    return rerun(request, {0: Tensor("float32", np.ascontiguousarray(W.data.swapaxes(2, 3)))})


MISTAKE = Mistake(
    name="spatial-kernel-transposed",
    operators=OPERATORS,
    flags=("vertical-then-horizontal",),
    effect="A kernel with rows 1, 2, 1 and columns 1, 0, −1 becomes that with both exchanged.",
    fix="Rows (c, y), columns (n, x): the vertical filters hold y, the first spatial axis.",
    symptom="nearly everywhere",
    run=run,
)
