"""Gemm's transA ignored: the memory of A is taken for [M, K]."""

from qref.mistakes.altered_request import check, rerun
from qref.mistakes.mistake import Mistake
from qref.numerics.tensor import Tensor
from qref.ops.request import Request

GEMM = ("Gemm",)


def run(request: Request) -> list[Tensor]:
    check(request, GEMM)
    A = request.inputs[0]
    assert A is not None
    if not request.attributes.get("transA", 0):
        return rerun(request)
    return rerun(request, {0: Tensor(A.dtype, A.data.reshape(A.shape[::-1]))}, {"transA": None})


MISTAKE = Mistake(
    name="gemm-trans-a-ignored",
    operators=GEMM,
    flags=("transpose",),
    effect=(
        "A = [[1, 2], [3, 4]] with transA counts as [[1, 2], [3, 4]] instead of [[1, 3], [2, 4]]. Right without "
        "transA, for vectors and symmetric matrices."
    ),
    fix="Read A' [i, k] from A [k, i].",
    symptom="nearly everywhere",
    run=run,
)
