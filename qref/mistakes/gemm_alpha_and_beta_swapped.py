"""Gemm's alpha and beta swapped: beta scales the product, alpha C."""

from qref.mistakes.altered_request import check, rerun
from qref.mistakes.mistake import Mistake
from qref.numerics.tensor import Tensor
from qref.ops.request import Request

GEMM = ("Gemm",)


def run(request: Request) -> list[Tensor]:
    check(request, GEMM)
    alpha, beta = request.attributes.get("alpha", 1.0), request.attributes.get("beta", 1.0)
    return rerun(request, attributes={"alpha": beta, "beta": alpha})


MISTAKE = Mistake(
    name="gemm-alpha-and-beta-swapped",
    operators=GEMM,
    flags=("alpha-beta",),
    effect=(
        "alpha 2, beta 3, A·B = 6 and C = 1 give 18 + 2 = 20 instead of 12 + 3 = 15. Right where both are the same."
    ),
    fix="alpha belongs to A·B, beta to C.",
    symptom="nearly everywhere",
    run=run,
)
