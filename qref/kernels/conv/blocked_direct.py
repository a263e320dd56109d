"""Direct convolution with channels in blocks: a row of outputs of one block is summed up while blocks and taps go by.

A block has 64 output channels, not the 16 of one vector as in `qref.conv.blocked_direct`: a plain loop cannot hold a
tile in registers, so the innermost row is made long enough for several vectors.
"""

from typing import Any

import numpy as np
from numba import float32, int64, njit, void
from numpy.typing import NDArray

from qref.conv.geometry import Geometry
from qref.kernels.conv.kernel import Kernel, arithmetic, in_parts, in_three_dimensions, volume
from qref.kernels.conv.rows import LOOP, add_rows
from qref.kernels.conv.steps import on_image, steps

C_B, K_B = 16, 64
"""Channels in a block of input and of output, at most."""


@njit(
    [
        void(
            int64, int64, number[:, :, :, :, ::1], number[:, :, :, :, :, ::1], int64[:, ::1], int64[::1],
            number[:, :, :, :, ::1],
        )
        for number in (float32, int64)
    ],
    **LOOP,
)  # fmt: skip
def blocks(first: int, last: int, x: Any, w: Any, steps: Any, starts: Any, y: Any) -> None:
    """y[k, p] = Σ_c Σ_r x[c, s·p + d·r − b] · w[k, c, r], for the rows of outputs first ≤ (k·o1 + p1)·o2 + p2 < last.

    Args:
        x: [C, D1, D2, D3, c_b]. w: [K, C, k1, k2, k3, c_b·k_b]. starts: k_b·t for the taps and
            channels of a row of the kernel, t < k3·c_b. y: [K, o1, o2, o3, k_b], zeros.
    """
    C, n1, n2, n3, c_b = x.shape
    _, o1, o2, o3, k_b = y.shape
    _, _, k1, k2, k3, _ = w.shape
    # pixels under taps side by side lie side by side
    joined = k3 if steps[1, 2] == 1 else 1
    for row in range(first, last):
        k, p1, p2 = row // (o1 * o2), row // o2 % o1, row % o2
        for c in range(C):
            for r1 in range(k1):
                i1 = p1 * steps[0, 0] + r1 * steps[1, 0] - steps[2, 0]
                for r2 in range(k2):
                    i2 = p2 * steps[0, 1] + r2 * steps[1, 1] - steps[2, 1]
                    if i1 < 0 or i1 >= n1 or i2 < 0 or i2 >= n2:
                        continue
                    pixels, kernel = x[c, i1, i2].reshape(-1), w[k, c, r1, r2].reshape(-1)
                    for r3 in range(0, k3, joined):
                        for p3 in range(o3):
                            start = p3 * steps[0, 2] + r3 * steps[1, 2] - steps[2, 2]
                            first_tap, end = on_image(start, 1, joined, n3)
                            a = pixels[(start + first_tap) * c_b : (start + end) * c_b]
                            add_rows(y[k, p1, p2, p3], a, kernel, starts[: a.size], (r3 + first_tap) * c_b * k_b)


def block(channels: int, most: int) -> int:
    """The length of even blocks of at most `most` channels."""
    return -(-channels // max(-(-channels // most), 1))


def pack(w: NDArray[Any], geometry: Geometry) -> tuple[int, NDArray[Any]]:
    """M, and w [M, C/G, k1, …] as [G, K, C, k1, k2, k3, c_b, k_b], zeros in channels that fill up a block."""
    w, G = volume(arithmetic(w)), geometry.group
    M_g, C_g = w.shape[0] // G, w.shape[1]
    c_b, k_b = block(C_g, C_B), block(M_g, K_B)
    C, K = -(-C_g // max(c_b, 1)), -(-M_g // max(k_b, 1))
    filled = np.zeros((G, K * k_b, C * c_b, *w.shape[2:]), w.dtype)
    filled[:, :M_g, :C_g] = w.reshape(G, M_g, *w.shape[1:])
    parts = filled.reshape(G, K, k_b, C, c_b, *w.shape[2:])
    return w.shape[0], np.ascontiguousarray(parts.transpose(0, 1, 3, 5, 6, 7, 4, 2))


def blocked(x: NDArray[Any], C: int, c_b: int) -> NDArray[Any]:
    """[C_g, D1, D2, D3] as [C, D1, D2, D3, c_b], zeros in channels that fill up the last block."""
    filled = np.zeros((C * c_b, *x.shape[1:]), x.dtype)
    filled[: len(x)] = x
    return np.ascontiguousarray(np.moveaxis(filled.reshape(C, c_b, *x.shape[1:]), 1, -1))


def run(x: NDArray[Any], packed: tuple[int, NDArray[Any]], geometry: Geometry, threads: int) -> NDArray[Any]:
    """The convolution with packed weights, brought into blocks and back group by group."""
    (M, w), inner, images = packed, in_three_dimensions(geometry), volume(arithmetic(x))
    G, K, C, *_, c_b, k_b = w.shape
    output, M_g, along, starts = (
        inner.output(images.shape[2:]),
        M // G,
        steps(inner),
        np.arange(c_b * inner.kernel[2]) * k_b,
    )
    y = np.zeros((x.shape[0], G, M_g, *output), w.dtype)
    for n, g in np.ndindex(x.shape[0], G if y.size else 0):
        image = blocked(np.split(images[n], G)[g], C, c_b)
        kernel, result = w[g].reshape(*w.shape[1:6], c_b * k_b), np.zeros((K, *output, k_b), w.dtype)
        in_parts(K * output[0] * output[1], threads, blocks, image, kernel, along, starts, result)
        y[n, g] = np.moveaxis(result, -1, 1).reshape(K * k_b, *output)[:M_g]
    return y.reshape(x.shape[0], M, *geometry.output(x.shape[2:]))


BLOCKED_DIRECT = Kernel("blocked-direct", pack, run)
