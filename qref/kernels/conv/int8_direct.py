"""int8 convolution over planes: `qref.kernels.conv.direct` with exact sums of 8-bit products.

Zero points are subtracted where operands are laid out anyway: then padding is a zero, and nothing is left to fold.
"""

from typing import Any

import numpy as np
from numba import float32, int32, int64, njit, void
from numpy.typing import ArrayLike, NDArray

from qref.conv.geometry import Geometry
from qref.kernels.conv.direct import ROW, rows_of
from qref.kernels.conv.int8_rows import add_rows_exactly, difference
from qref.kernels.conv.kernel import Kernel, in_parts, in_three_dimensions, volume
from qref.kernels.conv.planes import planes
from qref.kernels.conv.rows import LOOP


@njit(
    void(
        int64, int64, float32[::1], int64, int64, float32[:, ::1], int64[::1], int64, int64, int32[:, :, :, ::1]
    ),
    **LOOP,
)  # fmt: skip
def windows(first: int, last: int, x: Any, group: int, M_g: int, w: Any, starts: Any, h2: int, h3: int, y: Any) -> None:
    """y[m, p] = Σ_t w[m, t] · x[⌊m / M_g⌋·group + starts[t] + p] in int32, for first ≤ m < last.

    Arguments as `qref.kernels.conv.direct.windows`.
    """
    _, o1, o2, o3 = y.shape
    rows = max(min(ROW // h3, o2), 1)
    total, part = np.empty(rows * h3, np.int32), np.empty(rows * h3, np.float32)
    for p1 in range(o1):
        for p2 in range(0, o2, rows):
            count = min(rows, o2 - p2)
            row = total[: (count - 1) * h3 + o3]
            for m in range(first, last):
                for j in range(row.size):
                    row[j] = 0
                add_rows_exactly(row, part, w[m], x, starts, m // M_g * group + (p1 * h2 + p2) * h3)
                for i in range(count):
                    for j in range(o3):
                        y[m, p1, p2 + i, j] = row[i * h3 + j]


def per_channel(z_w: ArrayLike, w: NDArray[Any]) -> NDArray[Any]:
    """A scalar, or one zero point for each output channel, to broadcast with w."""
    zeros = np.asarray(z_w)
    return zeros if zeros.ndim == 0 else zeros.reshape(-1, *[1] * (w.ndim - 1))


def pack(w: NDArray[Any], geometry: Geometry, z_w: ArrayLike = 0) -> NDArray[np.float32]:
    """w − z_w, [M, C/G·k1·…]."""
    return rows_of(difference(w, per_channel(z_w, w)))


def run(x: NDArray[Any], w: NDArray[np.float32], geometry: Geometry, threads: int, z_x: int = 0) -> NDArray[np.int32]:
    """The convolution of x − z_x with packed weights."""
    inner, M = in_three_dimensions(geometry), len(w)
    images = volume(difference(x, z_x))
    y = np.zeros((x.shape[0], M, *inner.output(images.shape[2:])), np.int32)
    if y.size and w.size:
        laid = planes(images, inner, np.float32)
        C_g, (_, h2, h3) = x.shape[1] // geometry.group, laid.lengths
        taps, group, M_g = laid.taps(C_g), C_g * laid.channel, M // geometry.group
        for n, image in enumerate(laid.data.reshape(len(x), -1)):
            in_parts(M, threads, windows, image, group, M_g, w, taps, h2, h3, y[n])
    return y.reshape(x.shape[0], M, *geometry.output(x.shape[2:]))


def int8_direct(
    x: NDArray[Any], w: NDArray[Any], geometry: Geometry, z_x: int = 0, z_w: ArrayLike = 0, threads: int = 1
) -> NDArray[np.int32]:
    """What `qref.conv.zero_point.int8_direct` gives."""
    return run(x, pack(w, geometry, z_w), geometry, threads, z_x)


INT8_DIRECT = Kernel("int8-direct", pack, run)
