"""Gemm's transB ignored: the memory of B is taken for [K, N]."""

from qref.mistakes.altered_request import check, rerun
from qref.mistakes.mistake import Mistake
from qref.numerics.tensor import Tensor
from qref.ops.request import Request

GEMM = ("Gemm",)


def run(request: Request) -> list[Tensor]:
    check(request, GEMM)
    B = request.inputs[1]
    assert B is not None
    if not request.attributes.get("transB", 0):
        return rerun(request)
    return rerun(request, {1: Tensor(B.dtype, B.data.reshape(B.shape[::-1]))}, {"transB": None})


MISTAKE = Mistake(
    name="gemm-trans-b-ignored",
    operators=GEMM,
    flags=("transpose",),
    effect=(
        "B = [[1, 2], [3, 4]] with transB, as PyTorch's Linear exports it, counts as [[1, 2], [3, 4]] instead of [[1, "
        "3], [2, 4]]. Right without transB, for vectors and symmetric matrices."
    ),
    fix="Read B' [k, j] from B [j, k]; pack it once if the kernel wants it the other way.",
    symptom="nearly everywhere",
    run=run,
    seen_in=("dmlc/nnvm#202",),
)
