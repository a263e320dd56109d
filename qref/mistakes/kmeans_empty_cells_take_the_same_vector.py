"""Every empty cell takes the farthest vector, which is not counted as taken."""

import numpy as np

from qref.mistakes.altered_request import check
from qref.mistakes.clusterings import Array, Engine, Places
from qref.mistakes.mistake import Mistake
from qref.numerics.tensor import Tensor
from qref.ops.request import Request

OPERATORS = ("KMeansStep", "VectorCodebook", "ProductCodebook")


def again(codes: Places, far: Array, V: int) -> Places:
    """Empty cells, as they were at the beginning, filled with one vector after the other."""
    found = codes.copy()
    free = np.bincount(codes, minlength=V)[codes] > 1
    for v in range(V):
        if not (codes == v).any() and far[free].any():
            found[np.where(free, far, 0.0).argmax()] = v
    return found


def run(request: Request) -> list[Tensor]:
    check(request, OPERATORS)
    return Engine(fill=again).run(request)


MISTAKE = Mistake(
    name="kmeans-empty-cells-take-the-same-vector",
    operators=OPERATORS,
    flags=("two-empty-cells",),
    effect="Of 2 empty cells the first is empty again when the second has taken its vector.",
    fix="A vector that was taken lies on its centroid: its distance is 0.",
    symptom="only in some shapes",
    run=run,
)
