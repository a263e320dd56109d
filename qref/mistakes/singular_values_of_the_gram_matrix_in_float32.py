"""Singular values as roots of eigenvalues of W·Wᵀ summed in float32."""

import numpy as np

from qref.mistakes.altered_request import check, rerun
from qref.mistakes.mistake import Mistake
from qref.numerics.tensor import Tensor
from qref.ops.request import Request

OPERATORS = ("SingularValues",)


def run(request: Request) -> list[Tensor]:
    check(request, OPERATORS)
    W = request.inputs[0]
    assert W is not None
    [values] = rerun(request)
    kept = values.data.astype(np.float64)
    noise = kept.max(initial=0.0) ** 2 * 2.0**-22
    lost = np.sqrt(np.maximum(kept**2 - noise, 0.0))
    return [Tensor("float32", lost.astype(np.float32))]


MISTAKE = Mistake(
    name="singular-values-of-the-gram-matrix-in-float32",
    operators=OPERATORS,
    flags=("singular-values",),
    effect="Squares of 2^-24 beside 1 are lost in 24 bits: small values come out wrong, or 0.",
    fix="Decompose W itself, or square in float64.",
    symptom="only in some shapes",
    run=run,
)
