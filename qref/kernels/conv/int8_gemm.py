"""int8 convolution by im2col and an exact matrix product, zero points subtracted before."""

from typing import Any

import numpy as np
from numba import float32, int32, int64, njit, void
from numpy.typing import ArrayLike, NDArray

from qref.conv.geometry import Geometry
from qref.kernels.conv.columns import columns_of
from qref.kernels.conv.int8_direct import pack
from qref.kernels.conv.int8_rows import EXACT, difference
from qref.kernels.conv.kernel import Kernel, in_parts, in_three_dimensions, numbers, volume
from qref.kernels.conv.rows import DEPTH, LOOP, add_rows

COLUMNS = 256
"""Columns at a time, so that their partial sums in float32 stay in the second-level cache."""


@njit(
    void(int64, int64, float32[:, ::1], float32[::1], int64[::1], int32[:, ::1]),
    **LOOP,
)
def product(first: int, last: int, a: Any, b: Any, starts: Any, y: Any) -> None:
    """y[m] = Σ_k a[m, k] · b[k] in int32, for first ≤ m < last. Arguments as `qref.kernels.conv.rows.product`."""
    K, n = a.shape[1], y.shape[1]
    part = np.empty((last - first, min(COLUMNS, n)), np.float32)
    for begin in range(0, n, COLUMNS):
        end = min(begin + COLUMNS, n)
        for m in range(first, last):
            for j in range(begin, end):
                y[m, j] = 0
        for exact in range(0, K, EXACT):
            for m in range(last - first):
                for j in range(part.shape[1]):
                    part[m, j] = 0
            for k in range(exact, min(exact + EXACT, K), DEPTH):
                until = min(k + DEPTH, K)
                for m in range(first, last):
                    add_rows(part[m - first, : end - begin], a[m, k:until], b, starts[k:until], begin)
            for m in range(first, last):
                for j in range(begin, end):
                    y[m, j] = np.int32(y[m, j] + np.int32(part[m - first, j - begin]))


def run(x: NDArray[Any], w: NDArray[np.float32], geometry: Geometry, threads: int, z_x: int = 0) -> NDArray[np.int32]:
    """The convolution of x − z_x with packed weights [M, C/G·k1·…]."""
    G, (M, taps) = geometry.group, w.shape
    y = np.zeros((x.shape[0], G, M // G, numbers(geometry.output(x.shape[2:]))), np.int32)
    if y.size and taps:
        starts = np.arange(taps) * y.shape[-1]
        for n, image in enumerate(volume(difference(x, z_x))):
            columns = columns_of(image, in_three_dimensions(geometry), threads).reshape(G, -1)
            for g, kernels in enumerate(w.reshape(G, M // G, taps)):
                in_parts(M // G, threads, product, kernels, columns[g], starts, y[n, g])
    return y.reshape(x.shape[0], M, *geometry.output(x.shape[2:]))


def int8_gemm(
    x: NDArray[Any], w: NDArray[Any], geometry: Geometry, z_x: int = 0, z_w: ArrayLike = 0, threads: int = 1
) -> NDArray[np.int32]:
    """What `qref.conv.zero_point.int8_gemm` gives."""
    return run(x, pack(w, geometry, z_w), geometry, threads, z_x)


INT8_GEMM = Kernel("int8-gemm", pack, run)
