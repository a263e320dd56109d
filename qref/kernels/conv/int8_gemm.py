"""int8 convolution by im2col: the column matrix in 8 bits, z_x beside the image, then the product by register tiles.

A column holds an output's taps one after the other, each of them a group's channels in words: to the tile, a pixel
with many channels.
"""

import math
from dataclasses import replace
from typing import Any

import numpy as np
from numba import int8, int16, int64, njit, types, uint8, void
from numpy.typing import ArrayLike, NDArray

from qref.conv.cost import Shapes
from qref.conv.geometry import Geometry
from qref.kernels.conv import int8_direct
from qref.kernels.conv.int8_direct import Fp32, begins, bound, eight_bits, way
from qref.kernels.conv.kernel import (
    ONE,
    Kernel,
    in_parts,
    in_space,
    in_three_dimensions,
    output_space,
    result,
    scratch,
    scratch_bytes,
)
from qref.kernels.conv.operands import matched, set_of, zero_points
from qref.kernels.conv.rows import LOOP
from qref.kernels.conv.steps import steps
from qref.kernels.conv.words import filled, lies_so, words
from qref.kernels.layout import NCHW
from qref.kernels.packed import Packed
from qref.kernels.tile.dot import DOTS
from qref.kernels.tile.words import shift


def signature(element: Any) -> Any:
    """Of `lower`, for words of one type."""
    image = types.Array(element, 5, "C", readonly=True, aligned=False)
    return void(int64, int64, image, int64[:, ::1], int64[::1], element, types.Array(element, 4, "C", aligned=False))


@njit([signature(one) for one in (uint8, int8, int16)], **LOOP)
def lower(first: int, last: int, x: Any, steps: Any, sizes: Any, z_x: Any, columns: Any) -> None:
    """columns[p, g, r, c] = x[s·p + d·r − b, g, c] for first ≤ p < last, z_x beside the image.

    Args:
        x: one image [D1, D2, D3, G, C]. steps: strides, dilations and padding at the beginning, [3, 3]. sizes: k1, k2,
            k3, o1, o2, o3. columns: [o1·o2·o3, G, k1·k2·k3, C].
    """
    n1, n2, n3, G, C = x.shape
    k1, k2, k3, _, o2, o3 = sizes
    for p in range(first, last):
        p1, p2, p3 = p // (o2 * o3), p // o3 % o2, p % o3
        for r in range(k1 * k2 * k3):
            i1 = steps[0, 0] * p1 + steps[1, 0] * (r // (k2 * k3)) - steps[2, 0]
            i2 = steps[0, 1] * p2 + steps[1, 1] * (r // k3 % k2) - steps[2, 1]
            i3 = steps[0, 2] * p3 + steps[1, 2] * (r % k3) - steps[2, 2]
            if 0 <= i1 < n1 and 0 <= i2 < n2 and 0 <= i3 < n3:
                for g in range(G):
                    for c in range(C):
                        columns[p, g, r, c] = x[i1, i2, i3, g, c]
            else:
                columns[p, :, r, :] = z_x


def pack(w: NDArray[Any], geometry: Geometry, z_w: ArrayLike = 0) -> Packed:
    """w [M, C/G, k1, …] as that of a convolution of single pixels with k1·…·C/G channels, each tap's in whole words.

    Raises:
        Unsupported: weights that are neither int8 nor uint8, more than three dimensions of space.
        UsageError: z_w is not of their type.
    """
    in_three_dimensions(geometry)
    (M, C), taps = w.shape[:2], math.prod(w.shape[2:])
    zeros = np.broadcast_to(zero_points(z_w, "z_w", eight_bits(w.dtype)), (M,))
    rows = np.empty((M, taps, filled(C)), w.dtype)
    rows[...] = zeros[:, None, None]  # less its zero point, what fills up is nothing
    rows[:, :, :C] = np.moveaxis(w.reshape(M, C, taps), 1, 2)
    found = int8_direct.pack(rows.reshape(M, taps * filled(C), 1, 1, 1), replace(ONE, group=geometry.group), z_w)
    return replace(found, kernel="int8-gemm", shape=w.shape)


def lengths(x: tuple[int, ...], geometry: Geometry) -> dict[str, tuple[int, ...]]:
    """Of the words and of the column matrix of one image, [N, C, D1, …]; a number has the bits that the words have."""
    C = geometry.group * filled(x[1] // geometry.group)
    pixels = math.prod(output_space(geometry, x[2:]))
    return {"words": (math.prod(x[2:]), C), "columns": (pixels, math.prod(geometry.kernel) * C)}


def workspace(shapes: Shapes, threads: int) -> int:
    """Bytes of words and column matrix of one image in 16 bits, which weights of more than 8 bits need; else half."""
    return scratch_bytes(lengths(shapes.x, shapes.geometry), np.int16)


def int8_gemm(
    x: NDArray[Any],
    packed: Packed,
    geometry: Geometry,
    threads: int = 1,
    *,
    z_x: int = 0,
    bias: NDArray[np.int32] | None = None,
    end: Fp32 | None = None,
    workspace: NDArray[np.uint8] | None = None,
    out: NDArray[Any] | None = None,
) -> NDArray[Any]:
    """Σ (x − z_x)(w − z_w) + bias modulo 2³² as int32, or what `end` makes of it; images in NCHW. out: where it goes.

    Raises:
        BadTensor, UsageError: operands that do not fit each other; see `qref.kernels.conv.operands`.
        Unsupported: another type; weights packed for another processor; more than three dimensions of space.
    """
    given = eight_bits(x.dtype)
    matched(x.shape, packed.shape, geometry, threads)
    G = geometry.group
    here = set_of(packed, G, "int8-gemm")
    dot = way(packed, here)
    inner, M = in_three_dimensions(geometry), packed.shape[0]
    image = in_space(x.shape[2:])
    output = inner.output(image)
    y = result(out, (len(x), M, *output_space(geometry, x.shape[2:])), np.int32 if end is None else end.dtype, x)
    if not y.size:
        return y
    dtype = DOTS[dot].x
    room = scratch(workspace, lengths(x.shape, geometry), dtype)
    columns = room["columns"].reshape(math.prod(output), G, math.prod(inner.kernel), -1)
    zero = np.dtype(dtype).type(int(zero_points(z_x, "z_x", given)) + shift(given, dtype))
    one = replace(ONE, group=G)
    C = math.prod(columns.shape[2:])
    found = int8_direct.plan(
        (1, C * G, 1, 1, math.prod(output)), (M, C, 1, 1, 1), one, here, dot, NCHW, end is not None
    )
    starts, along, sizes = begins(packed, found, int(zero), bias), steps(inner), np.array([*inner.kernel, *output])
    ready = bound(packed, found, 1, starts, end)
    for n in range(len(x)):
        image_room = None if lies_so(x, G, NCHW, dtype) else room["words"].view(np.uint8)
        pixels = words(x[n : n + 1], G, NCHW, dtype, threads, image_room).reshape(*image, G, columns.shape[-1])
        in_parts(math.prod(output), threads, lower, pixels, along, sizes, zero, columns)
        ready.fill(y[n], columns, threads)
    return y


INT8_GEMM = Kernel("int8-gemm", pack, int8_gemm, workspace, places=True)
