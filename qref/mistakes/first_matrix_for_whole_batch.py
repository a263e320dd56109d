"""First matrix for the whole batch: every product of a stack takes B's first matrix."""

import numpy as np

from qref.mistakes.altered_request import check, rerun
from qref.mistakes.mistake import Mistake
from qref.mistakes.products import MATRIX_PRODUCTS, POSITIONS
from qref.numerics.tensor import Tensor
from qref.ops.request import Request


def run(request: Request) -> list[Tensor]:
    check(request, MATRIX_PRODUCTS)
    at = POSITIONS[request.op].right
    B = request.inputs[at]
    if B is None or B.data.ndim < 3 or B.data.size == 0:
        return rerun(request)
    first = B.data[(0,) * (B.data.ndim - 2)]
    return rerun(request, inputs={at: Tensor(B.dtype, np.broadcast_to(first, B.shape).copy())})


MISTAKE = Mistake(
    name="first-matrix-for-whole-batch",
    operators=MATRIX_PRODUCTS,
    flags=("batch", "broadcast"),
    effect="B's packed copy is made once: of A [2, …] times B [2, …] the second product takes B[0]. Right for one B.",
    fix="Pack B for each matrix of the stack, unless its stride there is 0.",
    symptom="only in some shapes",
    run=run,
)
