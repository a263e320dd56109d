"""k-means++ weighs by the distance to the centroid drawn last, not to the nearest."""

from qref.mistakes.altered_request import check
from qref.mistakes.clusterings import Array, Engine, by_squares
from qref.mistakes.mistake import Mistake
from qref.numerics.tensor import Tensor
from qref.ops.request import Request

OPERATORS = ("KMeansStart", "VectorCodebook", "ProductCodebook")


def to_the_last(X: Array, chosen: list[int]) -> Array:
    """The weights as if only one had been drawn."""
    return by_squares(X, chosen[-1:])


def run(request: Request) -> list[Tensor]:
    check(request, OPERATORS)
    return Engine(weights=to_the_last).run(request)


MISTAKE = Mistake(
    name="kmeans-start-by-the-last-centroid",
    operators=OPERATORS,
    flags=("kmeans-start",),
    effect="Vectors beside centroid 0 are drawn again once centroid 1 lies far from them.",
    fix="Keep the minimum of the distances to all centroids drawn.",
    symptom="nearly everywhere",
    run=run,
)
