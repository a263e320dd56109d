"""Gemm's beta ignored: C is added as it is."""

from qref.mistakes.altered_request import check, rerun
from qref.mistakes.mistake import Mistake
from qref.numerics.tensor import Tensor
from qref.ops.request import Request

GEMM = ("Gemm",)


def run(request: Request) -> list[Tensor]:
    check(request, GEMM)
    return rerun(request, attributes={"beta": None})


MISTAKE = Mistake(
    name="gemm-beta-ignored",
    operators=GEMM,
    flags=("alpha-beta",),
    effect="beta 0.5 with A·B = 6 and C = 4 gives 10 instead of 8. Right for beta 1 and without C.",
    fix="Multiply C by beta, once.",
    symptom="nearly everywhere",
    run=run,
    seen_in=("microsoft/onnxscript#3027",),
)
