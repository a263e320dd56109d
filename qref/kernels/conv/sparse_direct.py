"""Sparse direct convolution over planes: each weight that is not zero times a long row of pixels.

The weights of an output channel are stretched to the planes' length: a weight is kept with the place where its row of
pixels begins, so that the loop needs no division to find it. The places depend on the size of the image, which the
first run tells.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numba import float32, int64, njit, void
from numpy.typing import NDArray

from qref.conv.csr import Csr, compress
from qref.conv.geometry import Geometry
from qref.kernels.conv.direct import ROW
from qref.kernels.conv.direct import pack as rows_of
from qref.kernels.conv.kernel import Kernel, arithmetic, in_parts, in_three_dimensions, volume
from qref.kernels.conv.planes import planes
from qref.kernels.conv.rows import LOOP, add_rows


@njit(
    [
        void(
            int64, int64, number[::1], int64, int64, number[::1], int64[::1], int64[::1], int64, int64,
            number[:, :, :, ::1],
        )
        for number in (float32, int64)
    ],
    **LOOP,
)  # fmt: skip
def windows(
    first: int, last: int, x: Any, group: int, M_g: int, values: Any, starts: Any, rows: Any, h2: int, h3: int, y: Any
) -> None:
    """y[m, p] = Σ_j values[j] · x[⌊m / M_g⌋·group + starts[j] + p], rows[m] ≤ j < rows[m + 1], for first ≤ m < last.

    Arguments as `qref.kernels.conv.direct.windows`, weights in compressed rows.
    """
    _, o1, o2, o3 = y.shape
    count = max(min(ROW // h3, o2), 1)
    total = np.empty(count * h3, y.dtype)
    for p1 in range(o1):
        for p2 in range(0, o2, count):
            lines = min(count, o2 - p2)
            row = total[: (lines - 1) * h3 + o3]
            for m in range(first, last):
                for j in range(row.size):
                    row[j] = 0
                mine, places = values[rows[m] : rows[m + 1]], starts[rows[m] : rows[m + 1]]
                add_rows(row, mine, x, places, m // M_g * group + (p1 * h2 + p2) * h3)
                for i in range(lines):
                    for j in range(o3):
                        y[m, p1, p2 + i, j] = row[i * h3 + j]


@dataclass
class Stretched:
    """Compressed weights [M, C/G·k1·…] and, once an image has been seen, where their rows of pixels begin."""

    compressed: Csr
    shape: tuple[int, ...]
    channel: int = -1
    starts: NDArray[np.int64] | None = None


def pack(w: NDArray[Any], geometry: Geometry) -> Stretched:
    """The weights that are not zero."""
    return Stretched(compress(rows_of(w, geometry)), w.shape)


def run(x: NDArray[Any], w: Stretched, geometry: Geometry, threads: int) -> NDArray[Any]:
    """The convolution with packed weights."""
    inner, images = in_three_dimensions(geometry), volume(arithmetic(x))
    values, rows = w.compressed.values, w.compressed.rows.astype(np.int64)
    M, C_g = w.shape[:2]
    y = np.zeros((x.shape[0], M, *inner.output(images.shape[2:])), values.dtype)
    if y.size and values.size:
        laid = planes(images, inner, values.dtype)
        if w.starts is None or w.channel != laid.channel:
            w.starts, w.channel = laid.taps(C_g)[w.compressed.columns], laid.channel
        _, h2, h3 = laid.lengths
        starts, group, M_g = w.starts, C_g * laid.channel, M // geometry.group
        for n, image in enumerate(laid.data.reshape(len(x), -1)):
            in_parts(M, threads, windows, image, group, M_g, values, starts, rows, h2, h3, y[n])
    return y.reshape(x.shape[0], M, *geometry.output(x.shape[2:]))


SPARSE_DIRECT = Kernel("sparse-direct", pack, run)
