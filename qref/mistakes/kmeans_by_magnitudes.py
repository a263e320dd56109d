"""Vectors go to the centroid with the smallest sum of |x − c|."""

import numpy as np

from qref.mistakes.altered_request import check
from qref.mistakes.clusterings import Array, Engine
from qref.mistakes.mistake import Mistake
from qref.numerics.tensor import Tensor
from qref.ops.request import Request

OPERATORS = ("KMeansStep", "VectorCodebook", "ProductCodebook")


def magnitudes(X: Array, C: Array) -> Array:
    """‖x − c‖₁ of all pairs."""
    return np.abs(X[:, np.newaxis] - C[np.newaxis]).sum(axis=2)


def run(request: Request) -> list[Tensor]:
    check(request, OPERATORS)
    return Engine(distances=magnitudes).run(request)


MISTAKE = Mistake(
    name="kmeans-by-magnitudes",
    operators=OPERATORS,
    flags=("squared-distance",),
    effect="(3, 3) goes to (3, 8) at 5 rather than to (0, 0) at 6, though the squares say 25 and 18.",
    fix="Compare sums of squares.",
    symptom="nearly everywhere",
    run=run,
)
