"""Eigenvalues of the Gram matrix given as singular values."""

import numpy as np

from qref.mistakes.altered_request import check, rerun
from qref.mistakes.mistake import Mistake
from qref.numerics.tensor import Tensor
from qref.ops.request import Request

OPERATORS = ("SingularValues",)


def run(request: Request) -> list[Tensor]:
    check(request, OPERATORS)
    [values] = rerun(request)
    with np.errstate(over="ignore"):
        return [Tensor("float32", values.data * values.data)]


MISTAKE = Mistake(
    name="singular-values-squared",
    operators=OPERATORS,
    flags=("singular-values",),
    effect="Eigenvalues of W·Wᵀ without the root: 9 for 3.",
    fix="Singular values are the roots of the eigenvalues of W·Wᵀ.",
    symptom="nearly everywhere",
    run=run,
)
