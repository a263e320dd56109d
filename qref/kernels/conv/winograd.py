"""Winograd's F(2×2, 3×3) and F(4×4, 3×3): tiles side by side in memory, every step a sum of rows over all tiles.

Gathering the tiles is im2col with windows of α pixels and stride m; a transform along one axis adds multiples of rows
of tiles; the products are αⁿ matrix products over channels. The letters are those of `qref.conv.winograd`.
"""

from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from numba import float32, int64, njit, void
from numpy.typing import NDArray

from qref.conv.cost import Shapes
from qref.conv.geometry import Geometry
from qref.conv.winograd import F2, F4, Transforms, applies, transform
from qref.errors import Unsupported
from qref.kernels.conv.im2col import lower
from qref.kernels.conv.kernel import DIMENSIONS, Kernel, arithmetic, in_parts, in_three_dimensions, volume
from qref.kernels.conv.rows import LOOP, product
from qref.kernels.conv.steps import steps


@njit(void(float32[:, ::1], int64, int64, float32[:, ::1], float32[:, ::1]), **LOOP)
def along_axis(matrix: Any, before: int, after: int, rows: Any, result: Any) -> None:
    """The matrix along one axis: result[a, i, b] = Σ_k matrix[i, k] · rows[a, k, b], each a row over all tiles.

    Args:
        matrix: [r, c]. before, after: how many places the axes before and after this one have.
        rows: [before·c·after, P]. result: [before·r·after, P].
    """
    r, c = matrix.shape
    for a in range(before):
        for i in range(r):
            for b in range(after):
                total = result[(a * r + i) * after + b]
                for p in range(total.size):
                    total[p] = 0
                for k in range(c):
                    factor, row = matrix[i, k], rows[(a * c + k) * after + b]
                    if factor == 1:
                        for p in range(total.size):
                            total[p] += row[p]
                    elif factor != 0:
                        for p in range(total.size):
                            total[p] += factor * row[p]


@njit(void(int64, int64, float32[:, ::1], int64, float32[:, ::1], float32[:, ::1]), **LOOP)
def along_all(first: int, last: int, matrix: Any, axes: int, tiles: Any, result: Any) -> None:
    """The matrix along each of the axes of tiles[c], for first ≤ c < last.

    Args:
        matrix: [r, c]. tiles: [C, c^axes·P]. result: [C, r^axes·P].
    """
    r, c = matrix.shape
    P = tiles.shape[1] // c**axes
    space = (np.empty((max(r, c) ** axes, P), np.float32), np.empty((max(r, c) ** axes, P), np.float32))
    for channel in range(first, last):
        source = tiles[channel].reshape(c**axes, P)
        for axis in range(axes):
            before, after = r**axis, c ** (axes - 1 - axis)
            target = space[axis % 2]
            if axis == axes - 1:
                target = result[channel].reshape(r**axes, P)
            along_axis(matrix, before, after, source, target)
            source = target


@njit(void(int64, int64, float32[:, :, :, :, :, :, ::1], float32[:, :, :, ::1]), **LOOP)
def spread(first: int, last: int, tiles: Any, y: Any) -> None:
    """y[k, m·t + i] = tiles[t, i, k] for first ≤ k < last, what hangs over the border left out.

    Args:
        tiles: [t1, t2, t3, m1, m2, m3, K]. y: [K, o1, o2, o3].
    """
    _, _, _, m1, m2, m3, _ = tiles.shape
    _, o1, o2, o3 = y.shape
    for k in range(first, last):
        for p1 in range(o1):
            for p2 in range(o2):
                for p3 in range(o3):
                    y[k, p1, p2, p3] = tiles[p1 // m1, p2 // m2, p3 // m3, p1 % m1, p2 % m2, p3 % m3, k]


@dataclass(frozen=True, eq=False)
class Filters:
    """U: the transformed kernels [αⁿ, G, C, K], n = axes."""

    U: NDArray[np.float32]
    axes: int


def pack(F: Transforms, w: NDArray[Any], geometry: Geometry) -> Filters:
    """U = G g Gᵀ for every kernel of w [K, C/G, 3, …]. Raises Unsupported for kernels that F does not apply to."""
    if why := applies(Shapes((1, w.shape[1] * geometry.group, *geometry.kernel), w.shape, geometry)):
        raise Unsupported(why)
    if w.dtype != np.float32:
        raise Unsupported(f"operands of type {w.dtype}: this fast path is for float32")
    axes, (K, C) = w.ndim - 2, w.shape[:2]
    U = transform(np.array(F.G, np.float64).astype(np.float32), w, axes).reshape(K, C, F.alpha**axes)
    grouped = U.reshape(geometry.group, K // geometry.group, C, F.alpha**axes)
    return Filters(np.ascontiguousarray(grouped.transpose(3, 0, 2, 1)), axes)


def run(F: Transforms, x: NDArray[Any], filters: Filters, geometry: Geometry, threads: int) -> NDArray[Any]:
    """The convolution with packed weights, image by image and group by group."""
    B_T, A_T = np.array(F.B_T, np.float32), np.array(F.A_T, np.float32)
    U, n = filters.U, filters.axes
    places, G, C, K = U.shape
    images, inner = volume(arithmetic(x)), in_three_dimensions(geometry)
    output, absent = inner.output(images.shape[2:]), (1,) * (DIMENSIONS - n)
    tiles = tuple(-(-o // m) for o, m in zip(output, absent + (F.m,) * n))
    P = int(np.prod(tiles))
    y = np.zeros((x.shape[0], G, K, *output), np.float32)
    # im2col with windows of α pixels and stride m; its padding at the end is what the last tiles hang over
    windows = Geometry(
        absent + (F.alpha,) * n, absent + (F.m,) * n, (1,) * DIMENSIONS, inner.pads_begin, (0,) * DIMENSIONS
    )
    along, starts = steps(windows), np.arange(C) * K
    for i, g in np.ndindex(x.shape[0], G if y.size and C else 0):
        image = images[i, g * C : (g + 1) * C]
        d, V = np.empty((C, places * P), np.float32), np.empty((C, places, P), np.float32)
        M, Y = np.empty((P, places, K), np.float32), np.empty((P, F.m**n * K), np.float32)
        columns, of_channel, of_tile = d.reshape(C, *windows.kernel, *tiles), V.reshape(C, -1), M.reshape(P, -1)
        in_parts(C, threads, lower, image, along, columns)
        in_parts(C, threads, along_all, B_T, n, d, of_channel)
        for place in range(places):
            a, rows = V[:, place].T, U[place, g].reshape(-1)
            in_parts(P, threads, product, a, rows, starts, place, M)
        in_parts(P, threads, along_all, A_T, n, of_tile, Y)
        finished = Y.reshape(*tiles, *absent, *[F.m] * n, K)
        in_parts(K, threads, spread, finished, y[i, g])
    return y.reshape(x.shape[0], G * K, *geometry.output(x.shape[2:]))


WINOGRAD_2X2 = Kernel("winograd-2x2", partial(pack, F2), partial(run, F2))
WINOGRAD_4X4 = Kernel("winograd-4x4", partial(pack, F4), partial(run, F4))
