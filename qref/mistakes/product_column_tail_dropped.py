"""Tail of columns dropped: columns behind the last whole block of four are never written."""

import numpy as np

from qref.mistakes.altered_request import check, rerun
from qref.mistakes.mistake import Mistake
from qref.numerics.tensor import Tensor
from qref.ops.request import Request

OPERATORS = ("Gemm", "MatMul")


def run(request: Request) -> list[Tensor]:
    check(request, OPERATORS)
    (y,) = rerun(request)
    B = request.inputs[1]
    assert B is not None
    if B.data.ndim < 2:  # a vector has no columns
        return [y]
    written = y.data.copy()
    written[..., written.shape[-1] // 4 * 4 :] = 0
    return [Tensor(y.dtype, np.ascontiguousarray(written))]


MISTAKE = Mistake(
    name="product-column-tail-dropped",
    operators=OPERATORS,
    flags=("channel-tail", "transpose", "batch"),
    effect=(
        "A shader computes blocks of 4×4: of 6 columns the last two stay 0, and all of them where B has 2. Right "
        "where 4 divides the columns."
    ),
    fix="Count ⌈N / 4⌉ blocks, and mask the last.",
    symptom="only in some shapes",
    run=run,
    seen_in=("webonnx/wonnx#94",),
    real=True,
)
