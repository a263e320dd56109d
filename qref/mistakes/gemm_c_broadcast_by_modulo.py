"""Gemm's C broadcast by modulo: element i of the flat output takes element i mod n of C."""

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
    if C is None or C.data.size == 0:
        return rerun(request)
    index = np.arange(M * N).reshape(M, N) % C.data.size
    return rerun(request, {2: Tensor(C.dtype, C.data.ravel()[index])})


MISTAKE = Mistake(
    name="gemm-c-broadcast-by-modulo",
    operators=GEMM,
    flags=("bias-broadcast",),
    effect=(
        "C [M, 1] = [[1], [2]] on a 2×2 product adds 1, 2 to each row instead of 1, 1 to the first and 2, 2 to the "
        "second. Right for C of every other shape."
    ),
    fix="Broadcast each dimension by itself.",
    symptom="only in some shapes",
    run=run,
    seen_in=("webonnx/wonnx#94",),
)
