"""Where all D² are 0 the draw gives vector 0, or a quotient 0/0, in place of an even draw."""

import numpy as np

from qref.mistakes.altered_request import check
from qref.mistakes.clusterings import Array, Engine, by_squares, squared
from qref.mistakes.mistake import Mistake
from qref.numerics.tensor import Tensor
from qref.ops.request import Request

OPERATORS = ("KMeansStart", "VectorCodebook", "ProductCodebook")


def zero_at_last(X: Array, chosen: list[int]) -> Array:
    """All weight on vector 0 where no distance is left."""
    if chosen and not squared(X, X[chosen]).min(axis=1).any():
        return np.eye(1, len(X))[0]
    return by_squares(X, chosen)


def run(request: Request) -> list[Tensor]:
    check(request, OPERATORS)
    return Engine(weights=zero_at_last).run(request)


MISTAKE = Mistake(
    name="kmeans-start-takes-zero-where-nothing-differs",
    operators=OPERATORS,
    flags=("fewer-distinct",),
    effect="Draws beyond the vectors that differ give vector 0, not one of all.",
    fix="Draw evenly where every D² is 0.",
    symptom="only in some shapes",
    run=run,
)
