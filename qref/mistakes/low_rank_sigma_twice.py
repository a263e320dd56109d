"""Σ multiplied into both factors."""

from qref.mistakes.altered_request import check, rerun
from qref.mistakes.mistake import Mistake
from qref.numerics.tensor import Tensor
from qref.ops.request import Request

OPERATORS = ("LowRankSvd", "LowRankChannel", "LowRankSpatial")


def run(request: Request) -> list[Tensor]:
    check(request, OPERATORS)
    return [rerun(request, attributes={"sigma": "first"})[0], rerun(request, attributes={"sigma": "last"})[1]]


MISTAKE = Mistake(
    name="low-rank-sigma-twice",
    operators=OPERATORS,
    flags=("sigma-in-factors",),
    effect="Both factors carry Σ: for W = [[2]] they give 4 instead of 2.",
    fix="Σ goes to one of the factors, or √Σ to both.",
    symptom="nearly everywhere",
    run=run,
)
