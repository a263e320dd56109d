"""Which vectors lie alone is looked up once, before the first empty cell takes one."""

import numpy as np

from qref.mistakes.altered_request import check
from qref.mistakes.clusterings import Array, Engine, Places
from qref.mistakes.mistake import Mistake
from qref.numerics.tensor import Tensor
from qref.ops.request import Request

OPERATORS = ("KMeansStep", "VectorCodebook", "ProductCodebook")


def by_old_sizes(codes: Places, far: Array, V: int) -> Places:
    """Empty cells filled with the farthest vectors of cells that held several at the beginning."""
    filled, far = codes.copy(), far.copy()
    sizes = np.bincount(codes, minlength=V)
    for v in np.flatnonzero(sizes == 0).tolist():
        free = np.where(sizes[codes] > 1, far, 0.0)
        if free.any():
            i = int(free.argmax())
            filled[i], far[i] = v, 0.0
    return filled


def run(request: Request) -> list[Tensor]:
    check(request, OPERATORS)
    return Engine(fill=by_old_sizes).run(request)


MISTAKE = Mistake(
    name="kmeans-empty-cells-by-sizes-of-the-start",
    operators=OPERATORS,
    flags=("two-empty-cells", "lone-vector"),
    effect="Of a cell of 2 vectors both are taken, one after the other, and it is empty then.",
    fix="Count a cell's vectors anew after each one that is taken.",
    symptom="only in some shapes",
    run=run,
)
