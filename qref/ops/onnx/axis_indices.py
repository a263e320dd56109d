"""Output elements that are input elements, chosen axis by axis: what Pad and Resize have in common."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

OUTSIDE = -1  # in place of an index: no element of the input

Indices = NDArray[np.int64]


def taken(x: NDArray[Any], index: Sequence[Indices], fill: Any) -> NDArray[Any]:
    """y[i, j, …] = x[index[0][i], index[1][j], …], and `fill` where one of them is OUTSIDE; bits are copied."""
    inside = [i != OUTSIDE for i in index]
    y = np.full([len(i) for i in index], fill, x.dtype)
    y[np.ix_(*map(np.flatnonzero, inside))] = x[np.ix_(*(i[k] for i, k in zip(index, inside, strict=True)))]
    return y


def any_outside(index: Sequence[Indices]) -> bool:
    """Whether an element of the output comes from no element of the input."""
    return any(bool((i == OUTSIDE).any()) for i in index)
