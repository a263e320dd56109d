"""Direct convolution in NHWC: each pixel under a window times rows of output channels, channels last."""

from typing import Any

import numpy as np
from numba import float32, int64, njit, void
from numpy.typing import NDArray

from qref.conv.geometry import Geometry
from qref.kernels.conv.kernel import Kernel, arithmetic, in_parts, in_three_dimensions, volume
from qref.kernels.conv.rows import LOOP, add_rows
from qref.kernels.conv.steps import on_image, steps

DEPTH = 16
"""Rows of weights that stay in the first-level cache while a row of outputs meets them."""


@njit(
    [
        void(
            int64, int64, number[:, :, :, ::1], number[:, :, :, :, ::1], int64[:, ::1], int64[::1], int64,
            number[:, :, :, ::1],
        )
        for number in (float32, int64)
    ],
    **LOOP,
)  # fmt: skip
def windows(first: int, last: int, x: Any, w: Any, steps: Any, starts: Any, group: int, y: Any) -> None:
    """y[p, m] = Σ_r Σ_c x[s·p + d·r − b, c] · w[r, c, m], for the rows of outputs first ≤ p1·o2 + p2 < last.

    Args:
        x: [D1, D2, D3, C]. w: [k1, k2, k3, C/G, M]. starts: M·t for the taps and
            channels of a row of the kernel, t < k3·C/G. y: [o1, o2, o3, M], zeros.
    """
    k1, k2, k3, C_g, M = w.shape
    C, M_g = C_g * group, M // group
    # pixels under taps side by side lie side by side, unless other groups' channels are between them
    joined = k3 if steps[1, 2] == 1 and group == 1 else 1
    for p in range(first, last):
        p1, p2 = p // y.shape[1], p % y.shape[1]
        for r1 in range(k1):
            i1 = p1 * steps[0, 0] + r1 * steps[1, 0] - steps[2, 0]
            for r2 in range(k2):
                i2 = p2 * steps[0, 1] + r2 * steps[1, 1] - steps[2, 1]
                if i1 < 0 or i1 >= x.shape[0] or i2 < 0 or i2 >= x.shape[1]:
                    continue
                pixels, kernel = x[i1, i2].reshape(-1), w[r1, r2].reshape(-1)
                for r3 in range(0, k3, joined):
                    for g in range(group):
                        for t in range(0, joined * C_g, DEPTH):
                            for p3 in range(y.shape[2]):
                                start = p3 * steps[0, 2] + r3 * steps[1, 2] - steps[2, 2]
                                first_tap, end = on_image(start, 1, joined, x.shape[2])
                                low, high = max(t, first_tap * C_g), min(t + DEPTH, end * C_g)
                                if low < high:
                                    a = pixels[start * C + g * C_g + low : start * C + g * C_g + high]
                                    row = y[p1, p2, p3, g * M_g : (g + 1) * M_g]
                                    add_rows(row, a, kernel, starts[low:high], r3 * C_g * M + g * M_g)


def pack(w: NDArray[Any], geometry: Geometry) -> NDArray[Any]:
    """w [M, C/G, k1, …] as [k1, k2, k3, C/G, M]."""
    return np.ascontiguousarray(volume(arithmetic(w)).transpose(2, 3, 4, 1, 0))


def run(x: NDArray[Any], w: NDArray[Any], geometry: Geometry, threads: int) -> NDArray[Any]:
    """The convolution with packed weights, the image brought into this order and back."""
    inner, images = in_three_dimensions(geometry), np.moveaxis(volume(arithmetic(x)), 1, -1)
    output, (C_g, M) = inner.output(images.shape[1:4]), w.shape[-2:]
    y = np.zeros((x.shape[0], M, *output), w.dtype)
    starts = np.arange(inner.kernel[2] * C_g) * M
    for n in range(x.shape[0] if y.size else 0):
        image, result = np.ascontiguousarray(images[n]), np.zeros((*output, M), w.dtype)
        in_parts(output[0] * output[1], threads, windows, image, w, steps(inner), starts, inner.group, result)
        y[n] = np.moveaxis(result, -1, 0)
    return y.reshape(x.shape[0], M, *geometry.output(x.shape[2:]))


CHANNELS_LAST = Kernel("channels-last", pack, run)
