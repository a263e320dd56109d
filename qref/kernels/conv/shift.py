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
    for p1 in range(o1):
        for p2 in range(0, o2, rows):
            count = min(rows, o2 - p2)
            row = total[: (count - 1) * h3 + o3]
            base = (p1 * h2 + p2) * h3
            for m in range(first, last):
                row[:] = 0
                for t in range(starts.size):
                    s = signs[m, t]
                    if s == 0:
                        continue
                    pixels = x[m // M_g * group + base + starts[t] :]
                    distance = y.dtype.type(exponents[m, t] - lowest)
                    if s > 0:
                        for j in range(row.size):
                            row[j] += pixels[j] << distance
                    else:
                        for j in range(row.size):
                            row[j] -= pixels[j] << distance
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
