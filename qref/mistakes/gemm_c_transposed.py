"""Gemm's C transposed: a row is added as a column, a column as a row."""

import numpy as np

from qref import ops
from qref.mistakes.altered_request import check, rerun
from qref.mistakes.mistake import Mistake
from qref.numerics.tensor import Tensor
from qref.ops.request import Request

GEMM = ("Gemm",)


def run(request: Request) -> list[Tensor]:
    check(request, GEMM)
    C = request.inputs[2] if len(request.inputs) > 2 else None
    M, N = ops.run(request)[0].shape
    if C is None or C.data.size == 0 or 1 not in (C.shape if len(C.shape) == 2 else (1, *C.shape)):
        return rerun(request)
    # an element is taken by the other number, and begins again where that is longer
    i, j = np.arange(M)[:, np.newaxis], np.arange(N)
    by_row = len(C.shape) == 2 and C.shape[0] != 1
    index = np.broadcast_to(j if by_row else i, (M, N)) % C.data.size
    return rerun(request, {2: Tensor(C.dtype, C.data.ravel()[index])})


MISTAKE = Mistake(
    name="gemm-c-transposed",
    operators=GEMM,
    flags=("bias-broadcast",),
    effect=(
        "C = [1, 2] on a 2×2 product should add 1 to the first column and 2 to the second; it adds them to rows. "
        "Right for a scalar, for a whole matrix, and where C's numbers are equal."
    ),
    fix="C [N] and [1, N] go along rows, [M, 1] along columns.",
    symptom="only in some shapes",
    run=run,
    seen_in=("PINTO0309/onnx2tf#448",),
)
