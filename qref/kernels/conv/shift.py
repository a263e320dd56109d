"""Convolution with powers of two by plain loops over planes: each weight shifts a long row of pixels and adds it."""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numba import int8, int32, int64, njit, void
from numpy.typing import NDArray

from qref.conv.geometry import Geometry
from qref.conv.shift import Sum, fits, powers
from qref.errors import Unsupported
from qref.kernels.conv.kernel import Kernel, contiguous, in_parts, in_three_dimensions, output_space, volume
from qref.kernels.conv.operands import matched
from qref.kernels.conv.planes import planes

TYPES = tuple(np.dtype(one) for one in (np.int8, np.uint8, np.int16))
ROW = 1024
"""Windows summed up at a time."""


@dataclass(frozen=True, eq=False)
class Powers:
    """Weights [M, C/G, k1, …]: signs and exponents [M, C/G·k1·…]."""

    signs: NDArray[np.int8]
    exponents: NDArray[np.int8]
    shape: tuple[int, ...]

    @property
    def nbytes(self) -> int:
        """Bytes of both."""
        return self.signs.nbytes + self.exponents.nbytes


def pack(w: NDArray[Any], geometry: Geometry) -> Powers:
    """w: integers 0 and ±2^e."""
    return of_codes(*powers(w))


def of_codes(signs: NDArray[np.int8], exponents: NDArray[np.int8]) -> Powers:
    """Signs and exponents [M, C/G, k1, …], as they are."""
    rows = (len(signs), math.prod(signs.shape[1:]))
    return Powers(contiguous(signs).reshape(rows), contiguous(exponents).reshape(rows), signs.shape)


WINDOWS = [
    void(
        int64,
        int64,
        one[::1],
        int64,
        int64,
        int8[:, ::1],
        int8[:, ::1],
        int64,
        int64[::1],
        int64,
        int64,
        one[:, :, :, ::1],
    )
    for one in (int32, int64)
]


@njit
def add_shifted(y: Any, x: Any, at: Any, by: Any, mask: Any) -> None:
    """y[j] += Σ_t ±(x[at[t] + j] << by[t]) for four t, minus where mask[t] is −1: (v ^ −1) + 1 is −v."""
    x0, x1, x2, x3 = x[at[0] :], x[at[1] :], x[at[2] :], x[at[3] :]
    d0, d1, d2, d3 = by[0], by[1], by[2], by[3]
    m0, m1, m2, m3 = mask[0], mask[1], mask[2], mask[3]
    for j in range(y.size):
        first, second = (x0[j] << d0 ^ m0) - m0, (x1[j] << d1 ^ m1) - m1
        third, fourth = (x2[j] << d2 ^ m2) - m2, (x3[j] << d3 ^ m3) - m3
        y[j] += (first + second) + (third + fourth)


@njit(WINDOWS, cache=True, nogil=True)
def windows(
    first: Any,
    last: Any,
    x: Any,
    group: Any,
    M_g: Any,
    signs: Any,
    exponents: Any,
    lowest: Any,
    starts: Any,
    h2: Any,
    h3: Any,
    y: Any,
) -> None:
    """y[m, p] = Σ_t signs[m, t]·(x[⌊m / M_g⌋·group + starts[t] + p] << exponents[m, t] − lowest), first ≤ m < last.

    Args:
        x: planes of one image, flat; `group` elements a group of M_g output channels. starts: [T]. h2, h3: lengths of a
        plane. y: [M, o1, o2, o3].
    """
    _, o1, o2, o3 = y.shape
    rows = max(min(ROW // h3, o2), 1)
    total = np.empty(rows * h3, y.dtype)
    at, by, mask = np.empty(starts.size, np.int64), np.empty(starts.size, y.dtype), np.empty(starts.size, y.dtype)
    for p1 in range(o1):
        for p2 in range(0, o2, rows):
            count = min(rows, o2 - p2)
            row = total[: (count - 1) * h3 + o3]
            base = (p1 * h2 + p2) * h3
            for m in range(first, last):
                kept = 0
                for t in range(starts.size):
                    if signs[m, t] != 0:
                        at[kept] = m // M_g * group + base + starts[t]
                        by[kept] = exponents[m, t] - lowest
                        mask[kept] = 0 if signs[m, t] > 0 else -1
                        kept += 1
                row[:] = 0
                for t in range(0, kept // 4 * 4, 4):
                    add_shifted(row, x, at[t : t + 4], by[t : t + 4], mask[t : t + 4])
                for t in range(kept // 4 * 4, kept):
                    x0, d0, m0 = x[at[t] :], by[t], mask[t]
                    for j in range(row.size):
                        row[j] += (x0[j] << d0 ^ m0) - m0
                for i in range(count):
                    for j in range(o3):
                        y[m, p1, p2 + i, j] = row[i * h3 + j]


def run(
    x: NDArray[Any], w: Powers, geometry: Geometry, threads: int = 1, lowest: int = 0, sum_: Sum = np.int32
) -> NDArray[Any]:
    """y [N, M, o1, …]. x: int8, uint8 or int16. lowest, sum_: as `qref.conv.shift.shifted` has them.

    Raises:
        InvalidInput: as `qref.conv.shift.fits`.
        Unsupported: x of another type.
    """
    if x.dtype not in TYPES:
        raise Unsupported(f"images of type {x.dtype}: shift convolution takes {', '.join(map(str, TYPES))}")
    matched(x.shape, w.shape, geometry, threads)
    fits(x.dtype, w.signs, w.exponents, lowest, sum_)
    inner, (M, C_g, *_), G = in_three_dimensions(geometry), w.shape, geometry.group
    images = volume(x)
    y = np.zeros((len(x), M, *output_space(inner, images.shape[2:])), sum_)
    if y.size and w.signs.size:
        laid = planes(images, inner, sum_)
        (_, h2, h3), taps = laid.lengths, laid.taps(C_g)
        for n, image in enumerate(laid.data.reshape(len(x), -1)):
            more = (image, C_g * laid.channel, M // G, w.signs, w.exponents, lowest, taps, h2, h3, y[n])
            in_parts(M, threads, windows, *more)
    return y.reshape(len(x), M, *output_space(geometry, x.shape[2:]))


SHIFT = Kernel("shift", pack, run)
