"""Parts of a tensor for compiled loops: where each begins in the flat array."""

import numpy as np
from numpy.typing import NDArray

from qref.quantizers.granularity import Granularity, matrix


def begins(granularity: Granularity, shape: tuple[int, ...]) -> NDArray[np.int64]:
    """The first element of each part in C order, and the number of all elements behind the last."""
    M, K = matrix(shape)
    if granularity.kind == "tensor":
        return np.array([0, M * K], np.int64)
    step = granularity.size if granularity.kind == "group" else max(K, 1)
    inside = np.arange(0, max(K, 1), step, dtype=np.int64)
    return np.append((np.arange(M, dtype=np.int64)[:, np.newaxis] * K + inside).reshape(-1), M * K)
