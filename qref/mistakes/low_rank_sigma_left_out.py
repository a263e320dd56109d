"""Factors made of singular vectors alone, Σ forgotten."""

from qref.mistakes.altered_request import check, rerun
from qref.mistakes.mistake import Mistake
from qref.numerics.tensor import Tensor
from qref.ops.request import Request

OPERATORS = ("LowRankSvd", "LowRankChannel", "LowRankSpatial")


def run(request: Request) -> list[Tensor]:
    check(request, OPERATORS)
    U_last, V_last = rerun(request, attributes={"sigma": "last"}), rerun(request, attributes={"sigma": "first"})
    return [U_last[0], V_last[1]]  # each without its Σ


MISTAKE = Mistake(
    name="low-rank-sigma-left-out",
    operators=OPERATORS,
    flags=("sigma-in-factors",),
    effect="U and Vᵀ alone: for W = [[2]] the factors give 1 instead of 2.",
    fix="One of the factors takes Σ, or both √Σ.",
    symptom="nearly everywhere",
    run=run,
)
