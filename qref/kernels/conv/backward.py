"""Backward passes: gradients with respect to input, weights and bias, as sums of rows."""

import math
from typing import Any

import numpy as np
from numba import float32, int64, njit, void
from numpy.typing import NDArray

from qref.conv.geometry import Geometry
from qref.errors import UsageError
from qref.kernels.conv.kernel import arithmetic, in_parts, in_three_dimensions, volume
from qref.kernels.conv.operands import matched
from qref.kernels.conv.rows import LOOP, add_rows
from qref.kernels.conv.steps import on_image, steps
from qref.kernels.conv.transposed import transposed


@njit(
    [
        void(
            int64, int64, number[:, :, :, ::1], number[::1], int64[:, ::1], int64[::1], int64, int64,
            number[:, :, :, :, ::1],
        )
        for number in (float32, int64)
    ],
    **LOOP,
)  # fmt: skip
def gather(first: int, last: int, x: Any, g: Any, steps: Any, starts: Any, o1: int, o2: int, gradient: Any) -> None:
    """gradient[c, r, m] += Σ_p x[c, s·p + d·r − b] · g[p, m] for first ≤ c < last, over the p that meet the image.

    Args:
        x: channels of one group [C_g, D1, D2, D3]. g: its gradients, channels last, flat [o1, o2, o3, M_g].
        starts: M_g·p for p < o3. gradient: [C_g, k1, k2, k3, M_g].
    """
    _, n1, n2, n3 = x.shape
    _, k1, k2, k3, M_g = gradient.shape
    o3 = starts.size
    for c in range(first, last):
        for r1 in range(k1):
            for r2 in range(k2):
                for r3 in range(k3):
                    start = r3 * steps[1, 2] - steps[2, 2]
                    before, after = on_image(start, steps[0, 2], o3, n3)
                    if before == after:
                        continue
                    for p1 in range(o1):
                        i1 = p1 * steps[0, 0] + r1 * steps[1, 0] - steps[2, 0]
                        for p2 in range(o2):
                            i2 = p2 * steps[0, 1] + r2 * steps[1, 1] - steps[2, 1]
                            if 0 <= i1 < n1 and 0 <= i2 < n2:
                                pixels = x[c, i1, i2, start + before * steps[0, 2] :: steps[0, 2]]
                                row = gradient[c, r1, r2, r3]
                                add_rows(row, pixels, g, starts[before:after], (p1 * o2 + p2) * o3 * M_g)


def input_gradient(
    g: NDArray[Any], w: NDArray[Any], geometry: Geometry, image: tuple[int, ...], threads: int = 1
) -> NDArray[Any]:
    """What `qref.conv.backward.input_gradient` gives. Raises as `qref.kernels.conv.transposed.transposed` does."""
    return transposed(g, w, geometry, image, threads)


def weight_gradient(g: NDArray[Any], x: NDArray[Any], geometry: Geometry, threads: int = 1) -> NDArray[Any]:
    """What `qref.conv.backward.weight_gradient` gives.

    Raises:
        Unsupported: more than three dimensions of space, or a type of operands the loops are not compiled for.
        UsageError: lengths that do not fit each other.
    """
    M, C = (math.prod(one.shape[1:2]) for one in (g, x))
    matched(x.shape, (M, C // max(geometry.group, 1), *geometry.kernel), geometry, threads)
    outputs = (x.shape[0], M, *geometry.output(x.shape[2:]))
    if g.shape != outputs:
        raise UsageError(f"gradients {list(g.shape)}: give {list(outputs)}, lengths of what the convolution gave")
    inner, G = in_three_dimensions(geometry), geometry.group
    images, gradients = volume(arithmetic(x)), volume(arithmetic(g))
    N, output = x.shape[0], gradients.shape[2:]
    M_g, C_g = M // G, C // G
    found = np.zeros((G, C_g, *inner.kernel, M_g), gradients.dtype)
    starts, along = np.arange(output[2]) * M_g, steps(inner)
    for n, group in np.ndindex(N if found.size else 0, G):
        mine, seen = gradients[n, group * M_g : (group + 1) * M_g], images[n, group * C_g : (group + 1) * C_g]
        last_axis = np.ascontiguousarray(np.moveaxis(mine, 0, -1)).reshape(-1)
        in_parts(C_g, threads, gather, seen, last_axis, along, starts, output[0], output[1], found[group])
    return np.ascontiguousarray(np.moveaxis(found, -1, 1)).reshape(M, C_g, *geometry.kernel)


def bias_gradient(g: NDArray[Any]) -> NDArray[Any]:
    """What `qref.conv.backward.bias_gradient` gives; NumPy's sum is a loop along memory already."""
    return g.sum(axis=(0, *range(2, g.ndim)), dtype=g.dtype)
