"""Bit-serial convolution by the tiles of binary convolution: a plane of bits is an image of signs.

With bits as signs s = 2b − 1, an integer x = Σ c_i·b_i is 2x = Σ c_i·s_i + C, C = Σ c_i, and so is w with d_j, t_j and
D. Over the taps on the image then

    4 Σ x·w = Σ_i c_i·(Σ_j d_j·Σ s_i·t_j + D·Σ s_i) + 2C Σ w

Σ s_i·t_j is what xnor gives of plane i and plane j, Σ s_i what it gives with a kernel of ones: the planes of all
kernels and one of ones lie beside each other as output channels, so that each plane of the image runs once. Σ w depends
on where a window hangs over the border only.
"""

import math
from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby, product
from typing import Any

import numpy as np
from numba import int32, int64, njit, void
from numpy.typing import NDArray

from qref.conv.bit_serial import Code, code_of, fits
from qref.conv.geometry import Geometry, on_image
from qref.errors import Unsupported
from qref.kernels.conv import xnor
from qref.kernels.conv.kernel import Kernel, contiguous, in_parts, in_space, in_three_dimensions, output_space, result
from qref.kernels.conv.operands import matched
from qref.kernels.packed import Packed


@dataclass(frozen=True, eq=False)
class Planes:
    """Weights [M, C/G, k1, …] as signs.

    signs: xnor's, of the kernels [G·(b·M/G + 1), C/G, k1, …], without those of ones where D is 0. sums: Σ w over
    channels, [M, k1, k2, k3].
    """

    signs: Packed
    sums: NDArray[np.int64]
    shape: tuple[int, ...]
    code: Code

    @property
    def nbytes(self) -> int:
        """Bytes of both."""
        return self.signs.nbytes + self.sums.nbytes


def halves(code: Code) -> tuple[NDArray[np.int64], int]:
    """d and D of a code."""
    d = np.array(code.factors, np.int64)
    return d, int(d.sum()) + 2 * code.offset


def pack(w: NDArray[Any], geometry: Geometry, code: Code | None = None) -> Planes:
    """w: int8 or uint8, of the code, by default that of 8 bits of their type. Raises Unsupported for another type."""
    of_bytes(w)
    code = code or code_of(w.dtype)
    M, C, *kernel = w.shape
    G = geometry.group
    M_g, pattern = M // G, code.pattern(w).reshape(G, M // G, C, *kernel)
    bits = np.ones((G, code.bits * M_g + (halves(code)[1] != 0), C, *kernel), np.int8)
    for j in range(code.bits):
        bits[:, j * M_g : (j + 1) * M_g] = pattern >> j & 1
    signs = xnor.pack(bits.reshape(-1, C, *kernel), geometry)
    sums = w.sum(axis=1, dtype=np.int64).reshape(M, *in_space(tuple(kernel)))
    return Planes(signs, sums, w.shape, code)


ADD = [
    void(int64, int64, sums[:, :, ::1], int64, int64[::1], int64, total[:, ::1])
    for sums, total in ((int32, int32), (int32, int64))
]


@njit(ADD, cache=True, nogil=True)
def add(first: Any, last: Any, sums: Any, c: Any, d: Any, D: Any, total: Any) -> None:
    """total[m] += c·(Σ_j d[j]·sums[g, j·M_g + m mod M_g] + D·sums[g, −1]) for first ≤ m < last, g = ⌊m / M_g⌋.

    Modulo 2³² where total is int32.
    """
    G, channels, pixels = sums.shape
    M_g = total.shape[0] // G
    for m in range(first, last):
        g, row = m // M_g, total[m]
        if D != 0:
            ones, factor = sums[g, channels - 1], total.dtype.type(c * D)
            for p in range(pixels):
                row[p] += factor * ones[p]
        for j in range(d.size):
            plane, factor = sums[g, j * M_g + m % M_g], total.dtype.type(c * d[j])
            for p in range(pixels):
                row[p] += factor * plane[p]


def run(
    x: NDArray[Any],
    w: Planes,
    geometry: Geometry,
    threads: int = 1,
    x_code: Code | None = None,
    out: NDArray[np.int32] | None = None,
) -> NDArray[np.int32]:
    """y [N, M, o1, …]. x: int8 or uint8, of the code, by default that of 8 bits of their type.

    Raises:
        InvalidInput: integers that the code does not have, or a sum that could leave int32.
        Unsupported: x of another type.
    """
    of_bytes(x)
    matched(x.shape, w.shape, geometry, threads)
    code, taps = x_code or code_of(x.dtype), math.prod(w.shape[1:])
    fits(code, w.code, taps)
    inner, space = in_three_dimensions(geometry), output_space(geometry, x.shape[2:])
    y = result(out, (x.shape[0], w.shape[0], *space), np.int32)
    if not y.size:
        return y
    pixels, channels = math.prod(space), w.signs.shape[0]
    sums = np.empty((1, channels, *space), np.int32)
    of_groups = sums.reshape(geometry.group, channels // geometry.group, pixels)
    most = [max(abs(end) for end in one.ends) for one in (code, w.code)]
    total = np.empty((w.shape[0], pixels), np.int32 if 4 * most[0] * most[1] * taps < 2**31 else np.int64)
    image = in_space(x.shape[2:])
    in_boxes = total.reshape(w.shape[0], *inner.output(image))
    twice_C, (d, D) = 2 * sum(code.factors), halves(w.code)
    of_boxes = [
        (outputs, twice_C * w.sums[(slice(None), *under)].sum(axis=(1, 2, 3), keepdims=True))
        for outputs, under in boxes(inner, image)
    ]
    for n in range(len(x)):
        for outputs, sum_of_w in of_boxes:
            in_boxes[(slice(None), *outputs)] = sum_of_w
        pattern = code.pattern(contiguous(x[n : n + 1]))
        for i, c in enumerate(code.factors):
            xnor.run(plane(pattern, i), w.signs, geometry, threads, out=sums)
            in_parts(w.shape[0], threads, add, of_groups, c, d, D, total)
        np.right_shift(total, 2, out=y[n].reshape(total.shape), casting="unsafe")
    return y


def of_bytes(x: NDArray[Any]) -> None:
    """Raises Unsupported for a type other than int8 and uint8."""
    if x.dtype not in (np.int8, np.uint8):
        raise Unsupported(f"operands of type {x.dtype}: bit-serial convolution takes int8 and uint8")


def plane(pattern: NDArray[np.uint8], i: int) -> NDArray[np.int8]:
    """Bit i of each, as a number above 0 or 0."""
    if i == 7:
        return (pattern >> 7).view(np.int8)
    return (pattern & np.uint8(1 << i)).view(np.int8)


Box = tuple[slice, ...]


@lru_cache(maxsize=1024)
def boxes(inner: Geometry, image: tuple[int, ...]) -> tuple[tuple[Box, Box], ...]:
    """Boxes of outputs whose windows have the same taps on the image, and those taps."""
    cuts = []
    for i, n in enumerate(image):
        begins = (p * inner.strides[i] - inner.pads_begin[i] for p in range(inner.output(image)[i]))
        taps = [on_image(begin, inner.dilations[i], inner.kernel[i], n)[0] for begin in begins]
        runs, first = [], 0
        for (start, stop), same in groupby((one.start, one.stop) for one in taps):
            last = first + len(list(same))
            runs.append((slice(first, last), slice(start, stop)))
            first = last
        cuts.append(runs)
    return tuple((tuple(outputs for outputs, _ in box), tuple(taps for _, taps in box)) for box in product(*cuts))


BIT_SERIAL = Kernel("bit-serial", pack, run, places=True)
