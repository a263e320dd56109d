"""Term i begins with column i alone (SDDPACK's cycling), not with a vector of ones."""

import numpy as np

from qref.mistakes.altered_request import check
from qref.mistakes.decompositions import Array, Decomposition
from qref.mistakes.mistake import Mistake
from qref.numerics.tensor import Tensor
from qref.ops.request import Request

OPERATORS = ("SemidiscreteDecomposition",)


def run(request: Request) -> list[Tensor]:
    check(request, OPERATORS)
    return Decomposition(start=cycling).run(request)


def cycling(R: Array, y: Array, i: int) -> Array:
    """y where there is one, else 1 at column i."""
    return y if (R @ y).any() else (np.arange(y.size) == i % max(y.size, 1)).astype(np.float64)


MISTAKE = Mistake(
    name="decomposition-starts-from-columns",
    operators=OPERATORS,
    flags=("later-terms", "not-square"),
    effect="Term 1 begins with (1, 0, …, 0) and may end in another local optimum: other codes, another error.",
    fix="Begin with y = (1, …, 1), as the authors of Fixed-point Factorized Networks do.",
    symptom="nearly everywhere",
    run=run,
)
