"""d divided by the number of all entries, not by xᵀx·yᵀy."""

from qref.mistakes.altered_request import check
from qref.mistakes.decompositions import Array, Decomposition
from qref.mistakes.mistake import Mistake
from qref.numerics.tensor import Tensor
from qref.ops.request import Request

OPERATORS = ("SemidiscreteDecomposition",)


def run(request: Request) -> list[Tensor]:
    check(request, OPERATORS)
    return Decomposition(scale=over_all).run(request)


def over_all(R: Array, x: Array, y: Array) -> float:
    """xᵀRy / (M·K)."""
    return float(x @ R @ y / R.size)


MISTAKE = Mistake(
    name="decomposition-scale-of-whole-matrix",
    operators=OPERATORS,
    flags=("number-of-nonzeros",),
    effect="A block of 4 in one half of a matrix has d = 2: zeros of x and y are counted among the entries.",
    fix="d = xᵀRy / (xᵀx·yᵀy).",
    symptom="nearly everywhere",
    run=run,
)
