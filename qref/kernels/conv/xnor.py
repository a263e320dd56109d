"""Binary convolution over planes: 64 signs to a word, exclusive or, count of bits, row after row of windows.

A second plane says which positions are on the image: elsewhere differing bits count nothing, and the number of taps on
the image under each window, times the channels, is what twice the count is taken from.
"""

import math
from typing import Any

import numpy as np
from numba import int32, int64, njit, uint64, void
from numpy.typing import NDArray

from qref.conv.geometry import Geometry
from qref.kernels.conv.direct import ROW
from qref.kernels.conv.kernel import Kernel, in_parts, in_three_dimensions, volume
from qref.kernels.conv.planes import planes
from qref.kernels.conv.rows import LOOP

WORD = 64
ONES = (np.uint64(0x5555555555555555), np.uint64(0x3333333333333333), np.uint64(0x0F0F0F0F0F0F0F0F))
BYTES = np.uint64(0x0101010101010101)


@njit(uint64(uint64), cache=True)
def popcount(word: Any) -> Any:
    """Ones in a word: in pairs of bits, in fours, in bytes, and the sum of all bytes in the highest."""
    word = word - ((word >> np.uint64(1)) & ONES[0])
    word = (word & ONES[1]) + ((word >> np.uint64(2)) & ONES[1])
    word = (word + (word >> np.uint64(4))) & ONES[2]
    return (word * BYTES) >> np.uint64(56)


@njit(
    void(
        int64, int64, uint64[::1], uint64[::1], int64, int64, uint64[:, :, ::1], int64[::1], int64, int64,
        int32[:, :, :, ::1],
    ),
    **LOOP,
)  # fmt: skip
def differing(
    first: int, last: int, x: Any, inside: Any, channel: int, M_g: int, w: Any, starts: Any, h2: int, h3: int, y: Any
) -> None:
    """y[m, p] = Σ_c Σ_r popcount((x[c, r + p] ⊕ w[m, c, r]) where inside), for first ≤ m < last.

    Args:
        x: planes of one image in words, flat; `channel` words a block of 64 channels. inside: one plane, all ones or
        none. w: [M, C, R]. starts: [R]. h2, h3: lengths of a plane. y: [M, o1, o2, o3].
    """
    _, o1, o2, o3 = y.shape
    C = w.shape[1]
    rows = max(min(ROW // h3, o2), 1)
    total = np.empty(rows * h3, np.uint64)
    for p1 in range(o1):
        for p2 in range(0, o2, rows):
            count, base = min(rows, o2 - p2), (p1 * h2 + p2) * h3
            row = total[: (count - 1) * h3 + o3]
            for m in range(first, last):
                for j in range(row.size):
                    row[j] = 0
                for c in range(C):
                    words = x[(m // M_g * C + c) * channel + base :]
                    for r in range(starts.size):
                        bits, seen, here = w[m, c, r], words[starts[r] :], inside[base + starts[r] :]
                        for j in range(row.size):
                            row[j] += popcount((seen[j] ^ bits) & here[j])
                for i in range(count):
                    for j in range(o3):
                        y[m, p1, p2 + i, j] = row[i * h3 + j]


def words(signs: NDArray[Any]) -> NDArray[np.uint64]:
    """[A, C, …] of ±1 as [A, ⌈C/64⌉, …]: channel c is bit c mod 64 of its word, set where it is +1."""
    A, C, *image = signs.shape
    blocks = -(-C // WORD)
    filled = np.zeros((A, blocks * WORD, *image), np.bool_)
    filled[:, :C] = signs > 0
    bits = np.moveaxis(filled.reshape(A, blocks, WORD, *image), 2, -1)
    packed = np.packbits(bits, axis=-1, bitorder="little")
    return np.ascontiguousarray(packed).view("<u8")[..., 0].astype(np.uint64)


def pack(w: NDArray[Any], geometry: Geometry) -> tuple[int, NDArray[np.uint64]]:
    """C/G, and w [M, C/G, k1, …] of ±1 in words [M, ⌈C/64⌉, k1·…]."""
    packed = words(volume(w))
    return w.shape[1], packed.reshape(*packed.shape[:2], math.prod(packed.shape[2:]))


def run(x: NDArray[Any], packed: tuple[int, NDArray[np.uint64]], geometry: Geometry, threads: int) -> NDArray[np.int32]:
    """The convolution of x [N, C, D1, …] of ±1 with packed weights."""
    (C_g, w), inner, images = packed, in_three_dimensions(geometry), volume(x)
    (N, _, *image), M, G = images.shape, len(w), geometry.group
    output = inner.output(tuple(image))
    y = np.zeros((N, M, *output), np.int32)
    if y.size and w.size:
        blocks = words(images.reshape(N * G, C_g, *image)).reshape(N, G * w.shape[1], *image)
        laid = planes(blocks, inner, np.uint64)
        mask = planes(np.full((1, 1, *image), ~np.uint64(0)), inner, np.uint64).data.reshape(-1)
        _, h2, h3 = laid.lengths
        for n, plane in enumerate(laid.data.reshape(N, -1)):
            in_parts(M, threads, differing, plane, mask, laid.channel, M // G, w, laid.starts, h2, h3, y[n])
        y = C_g * taps_on_image(inner, tuple(image)) - 2 * y
    return y.reshape(N, M, *geometry.output(x.shape[2:]))


def taps_on_image(geometry: Geometry, image: tuple[int, ...]) -> NDArray[np.int32]:
    """How many taps of the window at each output position are on the image, [o1, o2, o3]."""
    counts = np.ones((), np.int32)
    for i, n in enumerate(image):
        along = geometry.dimensions(slice(i, i + 1))
        of_row = [taps.stop - taps.start for p in range(along.output((n,))[0]) for taps in along.under((p,), (n,))[0]]
        counts = np.multiply.outer(counts, np.array(of_row, np.int32))
    return counts


XNOR = Kernel("xnor", pack, run)
