"""The kernel as a matrix by a reshape in memory order, axes not moved."""

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
    N, C, kh, kw = W.shape
    moved = W.data.reshape(C, kh, N, kw).transpose(2, 0, 1, 3)
    return rerun(request, {0: Tensor("float32", np.ascontiguousarray(moved))})


MISTAKE = Mistake(
    name="spatial-matrix-by-reshape",
    operators=OPERATORS,
    flags=("vertical-then-horizontal",),
    effect="[N, C, kh, kw] reshaped to [C·kh, N·kw] without moving axes; right for N = 1 and kw = 1 only.",
    fix="Transpose to [C, kh, N, kw] before the reshape.",
    symptom="nearly everywhere",
    run=run,
)
