"""MEC: memory-efficient convolution.

Cho and Brand, "MEC: Memory-efficient Convolution for Deep Neural Network", 2017, algorithm 2. The letters are the
paper's: I image, K kernel, O output, L lowered matrix; i_n images of i_h·i_w pixels and i_c channels, k_h·k_w taps,
o_h·o_w outputs of k_c channels. Beyond the paper: the image stays unpadded (a partition is cut off at the border above
and below, and columns beside the image are zero in L), h stands for all dimensions of space but the last, and groups
come one after the other.
[seed: "MEC"]
"""

import math
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

from qref.conv.cost import Cost, Shapes
from qref.conv.geometry import Geometry

T = 100
"""The widest output for which solution A is taken: the paper's threshold, "around 100" on its machines."""


def lower(I: NDArray[Any], horizontal: Geometry, dtype: DTypeLike) -> NDArray[Any]:
    """The lowered matrix L: for each vertical strip of the image as wide as the kernel, its pixels, copied once.

    im2col copies a pixel up to k_h·k_w times; MEC copies it up to k_w times and lets the rows of the kernel overlap.

    Args:
        I: [i_n, i_c, i_h, i_w]. horizontal: the geometry of the last dimension.

    Returns:
        L [i_n, o_w, i_h, k_w, i_c], L[n, w, h, r] = I[n, :, h, s_w·w + d_w·r − b_w], zero beside the image.
    """
    i_n, i_c, *i_h, i_w = I.shape
    (o_w,), (k_w,) = horizontal.output((i_w,)), horizontal.kernel
    L = np.zeros((i_n, o_w, *i_h, k_w, i_c), dtype)
    channels_last = np.moveaxis(I, 1, -1)
    for w in range(o_w):
        (taps,), (pixels,) = horizontal.under((w,), (i_w,))
        L[:, w, ..., taps, :] = channels_last[..., pixels, :]
    return L


def pack(w: NDArray[Any]) -> NDArray[Any]:
    """w [k_c, i_c, k_h, k_w] in the paper's order K [k_h, k_w, i_c, k_c]."""
    return np.ascontiguousarray(np.moveaxis(w, (1, 0), (-2, -1)))


def partition(
    L: NDArray[Any], K: NDArray[Any], vertical: Geometry, h: tuple[int, ...]
) -> tuple[NDArray[Any], NDArray[Any]]:
    """Partition h of L, which shares rows with its neighbours, and the rows of K that meet it.

    In one or two dimensions without vertical dilation both are views: nothing is copied.

    Returns:
        P [i_n, o_w, rows·k_w·i_c] and K [rows·k_w·i_c, k_c], rows of the kernel beside the image left out.
    """
    i_n, o_w, *i_h, _, _ = L.shape
    taps, pixels = vertical.under(h, tuple(i_h))
    P, K = L[(slice(None), slice(None), *pixels)], K[taps]
    width = math.prod(K.shape[:-1])
    return P.reshape(i_n, o_w, width), K.reshape(width, K.shape[-1])


def solution_a(L: NDArray[Any], K: NDArray[Any], vertical: Geometry, o_h: tuple[int, ...], O: NDArray[Any]) -> None:
    """One product for each h over all images; then O is brought from h-n-w-c to n-h-w-c by way of L's space.

    Args:
        O: [i_n, o_h, o_w, k_c], contiguous, of no more elements than L and L's dtype. L is overwritten.
    """
    i_n, o_w = L.shape[:2]
    k_c, height = K.shape[-1], math.prod(o_h)
    hnwc = O.reshape(height, i_n * o_w, k_c)
    for h, position in enumerate(np.ndindex(*o_h)):
        P, rows = partition(L, K, vertical, position)
        np.matmul(P.reshape(i_n * o_w, len(rows)), rows, out=hnwc[h])
    space = L.reshape(L.size)[: O.size].reshape(height, i_n, o_w, k_c)
    space[...] = hnwc.reshape(space.shape)
    O.reshape(i_n, height, o_w, k_c)[...] = np.swapaxes(space, 0, 1)


def solution_b(L: NDArray[Any], K: NDArray[Any], vertical: Geometry, o_h: tuple[int, ...], O: NDArray[Any]) -> None:
    """One product for each image and h, straight into O [i_n, o_h, o_w, k_c]."""
    for position in np.ndindex(*o_h):
        P, rows = partition(L, K, vertical, position)
        for n in range(len(P)):
            np.matmul(P[n], rows, out=O[(n, *position)])


def takes_solution_a(o_w: int, O_size: int, L_size: int) -> bool:
    """The paper's choice: o_w ≤ T and |O| ≤ |L|, so that L has room for a copy of O."""
    return o_w <= T and O_size <= L_size


def mec(I: NDArray[Any], K: NDArray[Any], geometry: Geometry) -> NDArray[Any]:
    """Convolution of one group by overlapping partitions of the lowered matrix.

    Args:
        I: [i_n, i_c, i_h, i_w]. K: [k_h, k_w, i_c, k_c].

    Returns:
        O [i_n, o_h, o_w, k_c].
    """
    vertical, horizontal = geometry.dimensions(slice(-1)), geometry.dimensions(slice(-1, None))
    *o_h, o_w = geometry.output(I.shape[2:])
    L = lower(I, horizontal, np.result_type(I, K))
    O = np.empty((I.shape[0], *o_h, o_w, K.shape[-1]), L.dtype)
    solution = solution_a if takes_solution_a(o_w, O.size, L.size) else solution_b
    solution(L, K, vertical, tuple(o_h), O)
    return O


def convolve(x: NDArray[Any], w: NDArray[Any], geometry: Geometry) -> NDArray[Any]:
    """MEC group by group. Arguments, result and arithmetic as `qref.conv.direct.direct`."""
    G = geometry.group
    groups = [
        np.moveaxis(mec(I, pack(K), geometry), -1, 1) for I, K in zip(np.split(x, G, axis=1), np.split(w, G, axis=0))
    ]
    return groups[0] if G == 1 else np.concatenate(groups, axis=1)


def cost(shapes: Shapes) -> Cost:
    """L is workspace: o_w · (i_h·k_w·i_c) elements an image, in which vertical padding does not appear.

    With more than one group their outputs are put together at the end, which takes the output's size once more.
    """
    geometry, G = shapes.geometry, shapes.geometry.group
    (i_n, i_c, *i_h, _), (*_, k_w) = shapes.x, geometry.kernel
    o_w = shapes.output[-1]
    elements = i_n * o_w * math.prod(i_h) * k_w * i_c // G
    L, O = elements * shapes.itemsize, shapes.output_bytes
    vertical = geometry.dimensions(slice(-1)).touched(tuple(i_h))
    macs = i_n * shapes.w[0] * shapes.w[1] * vertical * k_w * o_w
    fixed = 2 * O if takes_solution_a(o_w, math.prod(shapes.output) // G, elements) else 0
    joined = O if G > 1 else 0
    return Cost(
        multiplications=macs,
        additions=macs,
        bytes_read=shapes.input_bytes + G * L + shapes.weight_bytes + fixed + joined,
        bytes_written=G * L + O + fixed + joined,
        workspace=max(L, joined),
        weights=shapes.weight_bytes,
    )
