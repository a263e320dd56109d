"""Direct convolution: of float32 by register tiles, of whole numbers of any size by plain loops over planes.

A plane's loop multiplies each weight by a long row of pixels, and adds it to a long row of windows.
"""

import math
from typing import Any

import numpy as np
from numba import int64, njit, void
from numpy.typing import NDArray

from qref.conv.geometry import Geometry
from qref.kernels.conv import float32_direct
from qref.kernels.conv.kernel import Kernel, arithmetic, contiguous, float32, in_parts, in_three_dimensions, volume
from qref.kernels.conv.operands import matched
from qref.kernels.conv.planes import planes
from qref.kernels.conv.rows import LOOP, add_rows
from qref.kernels.packed import Packed

ROW = 1024
"""Windows summed up at a time: they, and the rows of pixels that they meet, stay in the first-level cache."""


@njit(
    void(int64, int64, int64[::1], int64, int64, int64[:, ::1], int64[::1], int64, int64, int64[:, :, :, ::1]), **LOOP
)
def windows(first: int, last: int, x: Any, group: int, M_g: int, w: Any, starts: Any, h2: int, h3: int, y: Any) -> None:
    """y[m, p] = Σ_t w[m, t] · x[⌊m / M_g⌋·group + starts[t] + p] for first ≤ m < last, p as a flat position.

    Args:
        x: planes of one image, flat; `group` elements a group of M_g output channels. w: [M, T], T = C/G·k1·k2·k3.
        starts: [T]. h2, h3: lengths of a plane. y: [M, o1, o2, o3].
    """
    _, o1, o2, o3 = y.shape
    rows = max(min(ROW // h3, o2), 1)
    total = np.empty(rows * h3, y.dtype)
    for p1 in range(o1):
        for p2 in range(0, o2, rows):
            count = min(rows, o2 - p2)
            row = total[: (count - 1) * h3 + o3]
            for m in range(first, last):
                for j in range(row.size):
                    row[j] = 0
                add_rows(row, w[m], x, starts, m // M_g * group + (p1 * h2 + p2) * h3)
                for i in range(count):
                    for j in range(o3):
                        y[m, p1, p2 + i, j] = row[i * h3 + j]


def pack(w: NDArray[Any], geometry: Geometry) -> Packed | NDArray[np.int64]:
    """w [M, C/G, k1, …]: for tiles where it is float32, else as rows."""
    return float32_direct.pack(w, geometry) if w.dtype == np.float32 else rows_of(w)


def rows_of(w: NDArray[Any]) -> NDArray[Any]:
    """w [M, C/G, k1, …] as [M, C/G·k1·…]."""
    return contiguous(arithmetic(w)).reshape(w.shape[0], math.prod(w.shape[1:]))


def run(
    x: NDArray[Any],
    w: Packed | NDArray[np.int64],
    geometry: Geometry,
    threads: int,
    out: NDArray[np.float32] | None = None,
) -> NDArray[Any]:
    """The convolution with packed weights. out: where a result of float32 goes."""
    if isinstance(w, Packed):
        return float32_direct.direct(float32(x), w, geometry, threads, out=out)
    return whole(x, w, geometry, threads)


def whole(x: NDArray[Any], w: NDArray[np.int64], geometry: Geometry, threads: int) -> NDArray[np.int64]:
    """The convolution of whole numbers, modulo 2⁶⁴."""
    inner, G, M = in_three_dimensions(geometry), geometry.group, len(w)
    channels = w.shape[1] // math.prod(geometry.kernel)
    matched(x.shape, (M, channels, *geometry.kernel), geometry, threads)
    images = volume(arithmetic(x))
    y = np.zeros((x.shape[0], M, *inner.output(images.shape[2:])), w.dtype)
    if y.size and w.size:
        laid = planes(images, inner, w.dtype)
        C_g, (_, h2, h3) = x.shape[1] // G, laid.lengths
        taps = laid.taps(C_g)
        for n, image in enumerate(laid.data.reshape(len(x), -1)):
            in_parts(M, threads, windows, image, C_g * laid.channel, M // G, w, taps, h2, h3, y[n])
    return y.reshape(x.shape[0], M, *geometry.output(x.shape[2:]))


DIRECT = Kernel("direct", pack, run, places=True)
