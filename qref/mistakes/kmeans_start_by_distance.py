"""k-means++ draws with D in place of D²."""

import numpy as np

from qref.mistakes.altered_request import check
from qref.mistakes.clusterings import Array, Engine, by_squares
from qref.mistakes.mistake import Mistake
from qref.numerics.tensor import Tensor
from qref.ops.request import Request

OPERATORS = ("KMeansStart", "VectorCodebook", "ProductCodebook")


def by_distance(X: Array, chosen: list[int]) -> Array:
    """√ of the weights."""
    return np.sqrt(by_squares(X, chosen))


def run(request: Request) -> list[Tensor]:
    check(request, OPERATORS)
    return Engine(weights=by_distance).run(request)


MISTAKE = Mistake(
    name="kmeans-start-by-distance",
    operators=OPERATORS,
    flags=("kmeans-start",),
    effect="A vector 10 times as far is drawn 10 times as often, not 100 times: other first centroids.",
    fix="Weigh by squared distances.",
    symptom="nearly everywhere",
    run=run,
)
