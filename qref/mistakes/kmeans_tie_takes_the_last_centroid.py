"""A vector that is equally far from several centroids goes to the last of them."""

import numpy as np

from qref.mistakes.altered_request import check
from qref.mistakes.clusterings import Array, Engine, Places
from qref.mistakes.mistake import Mistake
from qref.numerics.tensor import Tensor
from qref.ops.request import Request

OPERATORS = ("KMeansStep", "VectorCodebook", "ProductCodebook")


def last(distances: Array) -> Places:
    """The nearest centroid, the last of several."""
    return distances.shape[1] - 1 - np.argmin(distances[:, ::-1], axis=1)


def run(request: Request) -> list[Tensor]:
    check(request, OPERATORS)
    return Engine(nearest=last).run(request)


MISTAKE = Mistake(
    name="kmeans-tie-takes-the-last-centroid",
    operators=OPERATORS,
    flags=("equal-distances",),
    effect="A vector halfway between centroids 0 and 1 gets code 1, and moves both means.",
    fix="Of equal distances take the lowest index: compare with <, not with <=.",
    symptom="only at ties",
    run=run,
)
