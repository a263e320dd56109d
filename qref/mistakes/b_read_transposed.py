"""B read transposed: the memory of B [K, N] is taken for [N, K]."""

import numpy as np

from qref.mistakes.altered_request import check, rerun
from qref.mistakes.mistake import Mistake
from qref.mistakes.products import MATRIX_PRODUCTS, POSITIONS
from qref.numerics.tensor import Tensor
from qref.ops.request import Request


def run(request: Request) -> list[Tensor]:
    check(request, MATRIX_PRODUCTS)
    at = POSITIONS[request.op].right
    b = request.inputs[at]
    if b is None or b.data.ndim < 2:
        return rerun(request)
    *stack, K, N = b.shape
    return rerun(request, inputs={at: Tensor(b.dtype, np.swapaxes(b.data.reshape(*stack, N, K), -1, -2))})


MISTAKE = Mistake(
    name="b-read-transposed",
    operators=MATRIX_PRODUCTS,
    flags=("batch", "per-column"),
    effect=(
        "B is packed column by column from memory that holds it row by row: [[1, 2], [3, 4]] counts as [[1, 3], [2, "
        "4]]. Right for vectors and for symmetric matrices."
    ),
    fix="Pack B from row-major [K, N]; ONNX has no transposed B in these operators.",
    symptom="nearly everywhere",
    run=run,
)
