"""Sparse matrix product: weights in compressed rows times the column matrix of im2col."""

from typing import Any

import numpy as np
from numba import float32, int64, njit, void
from numpy.typing import NDArray

from qref.conv.csr import Csr, compress
from qref.conv.geometry import Geometry
from qref.kernels.conv.direct import pack as rows_of
from qref.kernels.conv.im2col import columns_of
from qref.kernels.conv.kernel import Kernel, arithmetic, in_parts, in_three_dimensions, numbers, volume
from qref.kernels.conv.rows import COLUMNS, LOOP, add_rows


@njit(
    [
        void(int64, int64, number[::1], int64[::1], int64[::1], number[::1], number[:, ::1])
        for number in (float32, int64)
    ],
    **LOOP,
)  # fmt: skip
def multiply(first: int, last: int, values: Any, starts: Any, rows: Any, b: Any, y: Any) -> None:
    """y[m] = Σ_j values[j] · b[starts[j] …], rows[m] ≤ j < rows[m + 1], for first ≤ m < last; b flat. y: [M, n]."""
    n = y.shape[1]
    for begin in range(0, n, COLUMNS):
        end = min(begin + COLUMNS, n)
        for m in range(first, last):
            for j in range(begin, end):
                y[m, j] = 0
            mine, places = values[rows[m] : rows[m + 1]], starts[rows[m] : rows[m + 1]]
            add_rows(y[m, begin:end], mine, b, places, begin)


def pack(w: NDArray[Any], geometry: Geometry) -> list[Csr]:
    """The weights that are not zero, group by group."""
    return [compress(kernels) for kernels in np.split(rows_of(w, geometry), geometry.group)]


def run(x: NDArray[Any], w: list[Csr], geometry: Geometry, threads: int) -> NDArray[Any]:
    """The convolution with packed weights."""
    G, M_g, output = len(w), len(w[0].rows) - 1, geometry.output(x.shape[2:])
    windows, images = numbers(output), volume(arithmetic(x))
    y = np.zeros((x.shape[0], G, M_g, windows), images.dtype)
    if y.size and x.shape[1]:
        for n, image in enumerate(images):
            columns = columns_of(image, in_three_dimensions(geometry), threads).reshape(G, -1)
            for g, kernel in enumerate(w):
                starts, rows = kernel.columns.astype(np.int64) * windows, kernel.rows.astype(np.int64)
                in_parts(M_g, threads, multiply, kernel.values, starts, rows, columns[g], y[n, g])
    return y.reshape(x.shape[0], G * M_g, *output)


SPARSE_GEMM = Kernel("sparse-gemm", pack, run)
