"""The first centroid is vector 0, and no word is drawn for it."""

import numpy as np

from qref.mistakes.altered_request import check
from qref.mistakes.clusterings import Array, Engine, by_squares
from qref.mistakes.mistake import Mistake
from qref.numerics.tensor import Tensor
from qref.ops.request import Request

OPERATORS = ("KMeansStart", "VectorCodebook", "ProductCodebook")


def vector_0(X: Array, chosen: list[int]) -> Array:
    """All weight on vector 0 at first."""
    return by_squares(X, chosen) if chosen else np.eye(1, len(X))[0]


def run(request: Request) -> list[Tensor]:
    check(request, OPERATORS)
    return Engine(weights=vector_0).run(request)


MISTAKE = Mistake(
    name="kmeans-start-at-vector-0",
    operators=OPERATORS,
    flags=("kmeans-start",),
    effect="Centroid 0 is vector 0 whatever the seed: all further draws differ.",
    fix="Draw the first centroid evenly, by word 0.",
    symptom="nearly everywhere",
    run=run,
)
