"""int8 convolution with the zero points taken out of the inner loop by row sums.

Σ (x − z_x)(w − z_w) = Σ x·w − z_x Σ w − z_w Σ x + n·z_x·z_w over the n taps of a window (Jacob et al., "Quantization
and training of neural networks for efficient integer-arithmetic-only inference", 2018, section 2.3). Σ w is the row
sum of an output channel, the same in every window; Σ x is the sum of a window, the same for every output channel.
Padding holds z_x, so that a tap beside the image adds nothing and n is the same everywhere. A product is taken and
summed in 32 bits: nowhere is there a sum of 16 bits that could saturate. [seed: NNLib, "int8 direct convolution /
(int8 GEMM)"]
"""

import math
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from qref.conv import im2col
from qref.conv.cost import Cost, Shapes
from qref.conv.geometry import Geometry

Array = NDArray[Any]


def folded(xw: Array, x_sums: Array, w_sums: Array, n: int, z_x: int, z_w: Array) -> Array:
    """Σ (x − z_x)(w − z_w) from the four sums, in int32; all broadcast to xw's shape."""
    return xw - np.int32(z_x) * w_sums - z_w * x_sums + np.int32(n * z_x) * z_w


def int8_direct(x: Array, w: Array, geometry: Geometry, z_x: int = 0, z_w: ArrayLike = 0) -> NDArray[np.int32]:
    """Window by window. A window that hangs over the border holds z_x there.

    Args:
        x: [N, C, D1, …], w: [M, C/G, k1, …], int8 or uint8 each. z_x: scalar. z_w: scalar or [M].

    Returns:
        y [N, M, o1, …], modulo 2³² where the sum leaves int32.
    """
    N, M, G = x.shape[0], w.shape[0], geometry.group
    C_g, M_g, image = w.shape[1], M // G, x.shape[2:]
    taps = C_g * math.prod(geometry.kernel)
    kernels, zeros = w.reshape(G, M_g, taps), grouped(z_w, M, G)
    w_sums = kernels.sum(axis=-1, dtype=np.int32)
    y = np.empty((N, G, M_g, *geometry.output(image)), np.int32)
    for position in np.ndindex(*geometry.output(image)):
        inside, pixels = geometry.under(position, image)
        window = np.full((N, x.shape[1], *geometry.kernel), z_x, x.dtype)
        window[(slice(None), slice(None), *inside)] = x[(slice(None), slice(None), *pixels)]
        for g, patch in enumerate(np.moveaxis(window.reshape(N, G, taps), 1, 0)):
            xw = np.einsum("nk,mk->nm", patch, kernels[g], dtype=np.int32)
            x_sums = patch.sum(axis=-1, keepdims=True, dtype=np.int32)
            y[(slice(None), g, slice(None), *position)] = folded(xw, x_sums, w_sums[g], taps, z_x, zeros[g])
    return y.reshape(N, M, *y.shape[3:])


def int8_gemm(x: Array, w: Array, geometry: Geometry, z_x: int = 0, z_w: ArrayLike = 0) -> NDArray[np.int32]:
    """By im2col's column matrix in 8 bits, z_x beside the image. Arguments and result as `int8_direct`."""
    N, C, M, G = *x.shape[:2], w.shape[0], geometry.group
    taps, output = math.prod(w.shape[1:]), geometry.output(x.shape[2:])
    kernels, zeros = w.reshape(G, M // G, taps), grouped(z_w, M, G)
    w_sums = kernels.sum(axis=-1, dtype=np.int32)
    columns = np.empty((C, *geometry.kernel, *output), x.dtype)
    y = np.empty((N, G, M // G, math.prod(output)), np.int32)
    for n in range(N):
        im2col.lower(x[n], geometry, columns, z_x)
        for g, matrix in enumerate(columns.reshape(G, taps, math.prod(output))):
            x_sums = matrix.sum(axis=0, dtype=np.int32)
            for m, kernel in enumerate(kernels[g]):
                xw = np.einsum("k,kp->p", kernel, matrix, dtype=np.int32)
                one = slice(m, m + 1)
                y[n, g, m] = folded(xw, x_sums, w_sums[g, one], taps, z_x, zeros[g, one])
    return y.reshape(N, M, *output)


def grouped(z_w: ArrayLike, M: int, G: int) -> NDArray[np.int32]:
    """A zero point for each output channel, [G, M/G]."""
    return np.broadcast_to(np.asarray(z_w, np.int32), (M,)).reshape(G, M // G)


def cost_direct(shapes: Shapes) -> Cost:
    """One product a tap and two sums of it: of the product, and of the window once for all output channels.

    Folding takes three multiplications and additions an output; the row sums of w come with the weights.
    """
    outputs = math.prod(shapes.output)
    sums = outputs // max(shapes.w[0], 1) * shapes.geometry.group * shapes.taps
    return Cost(
        multiplications=shapes.macs + 3 * outputs,
        additions=shapes.macs + sums + 3 * outputs,
        bytes_read=shapes.input_bytes + shapes.weight_bytes,
        bytes_written=shapes.output_bytes,
        workspace=0,
    )


def cost_gemm(shapes: Shapes) -> Cost:
    """The same arithmetic; the column matrix of 8-bit integers of one image is workspace."""
    direct, lowered = cost_direct(shapes), im2col.cost(shapes)
    return Cost(direct.multiplications, direct.additions, lowered.bytes_read, lowered.bytes_written, lowered.workspace)
