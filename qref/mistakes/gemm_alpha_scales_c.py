"""Gemm's alpha scales C as well: alpha·(A·B + beta·C)."""

from qref.mistakes.altered_request import check, rerun
from qref.mistakes.mistake import Mistake
from qref.numerics.tensor import Tensor
from qref.ops.request import Request

GEMM = ("Gemm",)


def run(request: Request) -> list[Tensor]:
    check(request, GEMM)
    alpha, beta = request.attributes.get("alpha", 1.0), request.attributes.get("beta", 1.0)
    return rerun(request, attributes={"beta": float(alpha * beta)})


MISTAKE = Mistake(
    name="gemm-alpha-scales-c",
    operators=GEMM,
    flags=("alpha-beta",),
    effect=(
        "alpha 2 with A·B = 6 and C = 1 gives 14 instead of 13: C was in the accumulator when it was scaled. Right "
        "for alpha 1 and without C."
    ),
    fix="Scale the product before C is added, or start from beta·C / alpha.",
    symptom="nearly everywhere",
    run=run,
)
