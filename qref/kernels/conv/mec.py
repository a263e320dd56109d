"""MEC: the lowered matrix, and overlapping partitions of it multiplied by rows of the kernel, outputs channels last.

The loops of solution B: each partition's product goes straight to its row of outputs. The letters are those of
`qref.conv.mec`.
"""

from typing import Any

import numpy as np
from numba import float32, int64, njit, void
from numpy.typing import NDArray

from qref.conv.geometry import Geometry
from qref.kernels.conv.kernel import Kernel, arithmetic, in_parts, in_three_dimensions, volume
from qref.kernels.conv.rows import LOOP, add_rows
from qref.kernels.conv.steps import on_image, steps

DEPTH = 16
"""Rows of the kernel that stay in the first-level cache while all pixels of a row of outputs meet them."""


@njit(
    [
        void(int64, int64, number[:, :, :, ::1], int64[:, ::1], number[:, :, :, :, ::1])
        for number in (float32, int64)
    ],
    **LOOP,
)  # fmt: skip
def lower(first: int, last: int, I: Any, steps: Any, L: Any) -> None:
    """L[w, h1, h2, r, c] = I[c, h1, h2, s·w + d·r − b] for first ≤ w < last, zero beside the image."""
    _, i_h1, i_h2, k_w, i_c = L.shape
    stride, dilation, begin = steps[0, 2], steps[1, 2], steps[2, 2]
    for w in range(first, last):
        for h1 in range(i_h1):
            for h2 in range(i_h2):
                for r in range(k_w):
                    pixel = stride * w + dilation * r - begin
                    for c in range(i_c):
                        L[w, h1, h2, r, c] = I[c, h1, h2, pixel] if 0 <= pixel < I.shape[3] else 0


@njit(
    [
        void(int64, int64, number[:, :, :, ::1], number[:, :, :, ::1], int64[:, ::1], int64[::1], number[:, :, :, ::1])
        for number in (float32, int64)
    ],
    **LOOP,
)
def partitions(first: int, last: int, L: Any, K: Any, steps: Any, starts: Any, O: Any) -> None:
    """O[h, w] = Σ_r L[w, s·h + d·r − b] · K[r] over rows of the kernel on the image, for first ≤ h1·o_h2 + h2 < last.

    Args:
        L: [o_w, i_h1, i_h2, k_w·i_c]. K: [k_h1, k_h2, k_w·i_c, k_c]. starts: where the rows of K[r1, r2] begin.
        O: [o_h1, o_h2, o_w, k_c], zeros.
    """
    o_w, i_h1, i_h2, width = L.shape
    for h in range(first, last):
        h1, h2 = h // O.shape[1], h % O.shape[1]
        from1, to1 = on_image(h1 * steps[0, 0] - steps[2, 0], steps[1, 0], K.shape[0], i_h1)
        from2, to2 = on_image(h2 * steps[0, 1] - steps[2, 1], steps[1, 1], K.shape[1], i_h2)
        for r1 in range(from1, to1):
            for r2 in range(from2, to2):
                i1 = h1 * steps[0, 0] + r1 * steps[1, 0] - steps[2, 0]
                i2 = h2 * steps[0, 1] + r2 * steps[1, 1] - steps[2, 1]
                rows = K[r1, r2].reshape(-1)
                for t in range(0, width, DEPTH):
                    until = min(t + DEPTH, width)
                    for w in range(o_w):
                        add_rows(O[h1, h2, w], L[w, i1, i2, t:until], rows, starts[t:until], 0)


def pack(w: NDArray[Any], geometry: Geometry) -> NDArray[Any]:
    """w [M, C/G, k1, …] as [G, k_h1, k_h2, k_w, i_c, k_c]."""
    w = volume(arithmetic(w))
    groups = w.reshape(geometry.group, w.shape[0] // geometry.group, *w.shape[1:])
    return np.ascontiguousarray(groups.transpose(0, 3, 4, 5, 2, 1))


def run(x: NDArray[Any], w: NDArray[Any], geometry: Geometry, threads: int) -> NDArray[Any]:
    """The convolution with packed weights, group by group."""
    inner, images = in_three_dimensions(geometry), volume(arithmetic(x))
    output, along = inner.output(images.shape[2:]), steps(inner)
    G, k_h1, k_h2, k_w, i_c, k_c = w.shape
    y = np.zeros((x.shape[0], G, k_c, *output), w.dtype)
    starts = np.arange(k_w * i_c) * k_c
    for n, g in np.ndindex(x.shape[0], G if y.size else 0):
        I = images[n, g * i_c : (g + 1) * i_c]
        L = np.empty((output[2], *I.shape[1:3], k_w, i_c), w.dtype)
        in_parts(output[2], threads, lower, I, along, L)
        O = np.zeros((*output, k_c), w.dtype)
        rows = L.reshape(*L.shape[:3], k_w * i_c)
        K = w[g].reshape(k_h1, k_h2, k_w * i_c, k_c)
        in_parts(output[0] * output[1], threads, partitions, rows, K, along, starts, O)
        y[n, g] = np.moveaxis(O, -1, 0)
    return y.reshape(x.shape[0], G * k_c, *geometry.output(x.shape[2:]))


MEC = Kernel("mec", pack, run)
