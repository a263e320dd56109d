"""Orders of an image's axes: NCHW, NHWC, and NCHW with channels in blocks (NCHWc)."""

from typing import Any

import numpy as np
from numpy.typing import NDArray


def channels_last(x: NDArray[Any]) -> NDArray[Any]:
    """[N, C, D1, …] → [N, D1, …, C] in memory: NCHW → NHWC."""
    return np.ascontiguousarray(np.moveaxis(x, 1, -1))


def channels_first(x: NDArray[Any]) -> NDArray[Any]:
    """[N, D1, …, C] → [N, C, D1, …] in memory: NHWC → NCHW."""
    return np.ascontiguousarray(np.moveaxis(x, -1, 1))


def blocked(x: NDArray[Any], c_b: int) -> NDArray[Any]:
    """[N, C, D1, …] → [N, ⌈C/c_b⌉, D1, …, c_b], zeros in the channels that C lacks: NCHW → NCHWc."""
    N, C, *image = x.shape
    blocks = -(-C // c_b)
    found = np.zeros((N, blocks, *image, c_b), x.dtype)
    for c in range(C):
        found[:, c // c_b, ..., c % c_b] = x[:, c]
    return found


def unblocked(x: NDArray[Any], found: NDArray[Any]) -> None:
    """Fills found [N, C, D1, …] from x [N, C/c_b, D1, …, c_b], channels beyond C dropped: NCHWc → NCHW."""
    c_b = x.shape[-1]
    for c in range(found.shape[1]):
        found[:, c] = x[:, c // c_b, ..., c % c_b]


def packed(w: NDArray[Any], k_b: int, c_b: int) -> NDArray[Any]:
    """Kernels [K, C, k1, …] → [⌈K/k_b⌉, ⌈C/c_b⌉, k1, …, c_b, k_b], zeros in the channels that K and C lack.

    The k_b weights that one step of a fast loop multiplies with one pixel lie side by side.
    """
    by_input = blocked(w, c_b)  # [K, C/c_b, k1, …, c_b]
    return np.ascontiguousarray(blocked(by_input.swapaxes(0, 1), k_b).swapaxes(0, 1))
