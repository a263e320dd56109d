"""Factors of −1 and +1 only: J is the length of the vector, whatever s is."""

from qref.mistakes.altered_request import check
from qref.mistakes.decompositions import Decomposition
from qref.mistakes.mistake import Mistake
from qref.numerics.tensor import Tensor
from qref.ops.request import Request

OPERATORS = ("SemidiscreteDecomposition",)


def run(request: Request) -> list[Tensor]:
    check(request, OPERATORS)
    return Decomposition(nonzeros=lambda s: s.size if s.any() else 0).run(request)


MISTAKE = Mistake(
    name="decomposition-without-zeros",
    operators=OPERATORS,
    flags=("number-of-nonzeros",),
    effect="The column (8, 1, 1) becomes 3.33·(1, 1, 1), which leaves 32.7 of its 66; 8·(1, 0, 0) leaves 2.",
    fix="Sort |s| and take the J for which (|s|₁ + … + |s|_J)² / J is largest.",
    symptom="nearly everywhere",
    run=run,
)
