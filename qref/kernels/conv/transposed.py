"""Transposed convolution over planes: rows of pixels, times the weights of all channels, added to rows of outputs.

The planes are those of the output (`qref.kernels.conv.planes`): in them each tap moves a row of the input by a constant
step. At the end the phases are put together and what fell outside is dropped.
"""

import math
from operator import gt
from typing import Any

import numpy as np
from numba import float32, int64, njit, void
from numpy.typing import NDArray

from qref.conv.geometry import Geometry
from qref.errors import UsageError
from qref.kernels.conv.kernel import arithmetic, in_parts, in_space, in_three_dimensions, volume
from qref.kernels.conv.operands import matched
from qref.kernels.conv.planes import layout, starts, stored
from qref.kernels.conv.rows import LOOP, add_rows


@njit(
    [
        void(
            int64, int64, number[:, :, :, ::1], number[:, :, ::1], int64[::1], int64[::1], int64, int64, number[:, ::1]
        )
        for number in (float32, int64)
    ],
    **LOOP,
)
def scatter(first: int, last: int, x: Any, w: Any, rows: Any, taps: Any, h2: int, h3: int, y: Any) -> None:
    """y[m, taps[r] + p] += Σ_c x[g·C/G + c, p] · w[m, r, c] for first ≤ m < last, p the flat position in a plane.

    Args:
        x: one image [C, n1, n2, n3]. w: [G·M_g, R, C/G]. rows: where the channels begin in x, flat [G, C/G].
        taps: [R]. y: planes [G·M_g, positions].
    """
    _, n1, n2, n3 = x.shape
    M, R, C_g = w.shape
    M_g = M // (rows.size // C_g)
    pixels = x.reshape(-1)
    for m in range(first, last):
        group = rows[m // M_g * C_g : (m // M_g + 1) * C_g]
        for r in range(R):
            for p1 in range(n1):
                for p2 in range(n2):
                    place = taps[r] + (p1 * h2 + p2) * h3
                    add_rows(y[m, place : place + n3], w[m, r], pixels, group, (p1 * n2 + p2) * n3)


def transposed(
    x: NDArray[Any], w: NDArray[Any], geometry: Geometry, output: tuple[int, ...], threads: int = 1
) -> NDArray[Any]:
    """What `qref.conv.transposed.transposed` gives: x [N, C, D1, …], w [C, M/G, k1, …], y [N, M, *output].

    Raises:
        Unsupported: more than three dimensions of space, or a type of operands the loops are not compiled for.
        UsageError: lengths that do not fit each other; more pixels than the output, padded, has windows.
    """
    matched((*x.shape[:1], math.prod(w.shape[1:2]) * geometry.group, *output), w.shape, geometry, threads)
    windows = geometry.output(output) if all(output) else x.shape[2:]  # nothing is added to an empty output
    if x.ndim != w.ndim or x.shape[1] != w.shape[0] or any(map(gt, x.shape[2:], windows)):
        raise UsageError(f"x {list(x.shape)}: give {w.shape[0]} channels, and in space up to {list(windows)}")
    inner, images, kernels = in_three_dimensions(geometry), volume(arithmetic(x)), volume(arithmetic(w))
    G, (C, M_g), C_g = geometry.group, kernels.shape[:2], kernels.shape[0] // geometry.group
    R = math.prod(inner.kernel)
    # [C, M/G, k1, …] → [G·M/G, R, C/G]
    packed = np.ascontiguousarray(kernels.reshape(G, C_g, M_g, R).transpose(0, 2, 3, 1)).reshape(G * M_g, R, C_g)
    image = in_space(output)
    y = np.zeros((x.shape[0], G * M_g, *image), kernels.dtype)
    if y.size and images.size and R:
        lengths, phases = layout(image, inner)
        rows, taps = np.arange(C) * math.prod(images.shape[2:]), starts(inner, lengths, phases)
        for n in range(len(images)):
            planes = np.zeros((G * M_g, len(phases) * math.prod(lengths)), y.dtype)
            in_parts(G * M_g, threads, scatter, images[n], packed, rows, taps, lengths[1], lengths[2], planes)
            in_phases = planes.reshape(G * M_g, len(phases), *lengths)
            for i, phase in enumerate(phases):
                places, pixels = stored(image, inner, phase, lengths)
                y[(n, slice(None), *pixels)] = in_phases[(slice(None), i, *places)]
    return y.reshape(x.shape[0], G * M_g, *output)
