"""A kernel put together with its spatial axes exchanged."""

import numpy as np

from qref.mistakes.altered_request import check, rerun
from qref.mistakes.mistake import Mistake
from qref.numerics.tensor import Tensor
from qref.ops.request import Request

OPERATORS = ("LowRankReconstruct",)


def run(request: Request) -> list[Tensor]:
    check(request, OPERATORS)
    if request.attributes.get("method", "svd") != "spatial":
        return rerun(request)
    [W] = rerun(request)
    return [Tensor("float32", np.ascontiguousarray(W.data.swapaxes(2, 3)))]


MISTAKE = Mistake(
    name="spatial-reconstructs-transposed",
    operators=OPERATORS,
    flags=("factors-spatial",),
    effect="W'[n, c, x, y] in place of W'[n, c, y, x]: square kernels keep their shape, and 9 taps are turned.",
    fix="y comes from the vertical filters, and stands before x.",
    symptom="only in some shapes",
    run=run,
)
