"""Gemm's alpha ignored: the product is not scaled."""

from qref.mistakes.altered_request import check, rerun
from qref.mistakes.mistake import Mistake
from qref.numerics.tensor import Tensor
from qref.ops.request import Request

GEMM = ("Gemm",)


def run(request: Request) -> list[Tensor]:
    check(request, GEMM)
    return rerun(request, attributes={"alpha": None})


MISTAKE = Mistake(
    name="gemm-alpha-ignored",
    operators=GEMM,
    flags=("alpha-beta",),
    effect="alpha 0.5 with A·B = 6 and C = 1 gives 7 instead of 4. Right for alpha 1.",
    fix="Multiply the product, or A, by alpha.",
    symptom="nearly everywhere",
    run=run,
)
