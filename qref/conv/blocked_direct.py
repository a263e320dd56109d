"""Direct convolution as a fast path does it: channels in blocks, packed weights, a tile of outputs held in registers.

The order of loops of Georganas et al., "Anatomy of high-performance deep learning convolutions on SIMD architectures",
2018, and Zhang et al., "High performance zero-memory overhead direct convolutions", 2018, to be read; a compiled form
turns the innermost product into TILE·c_b multiply-adds of vectors of k_b numbers. [seed: NNLib]
"""

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qref.conv.cost import Cost, Shapes
from qref.conv.geometry import Geometry, on_image
from qref.conv.layouts import blocked, packed, unblocked

C_B = 16
"""Input channels in a block."""
K_B = 16
"""Output channels in a block: float32 numbers in a vector of 512 bits."""
TILE = 14
"""Outputs of a row that are summed up at once: with K_B a tile of 14 of the 32 vector registers."""


def blocked_direct(x: NDArray[Any], w: NDArray[Any], geometry: Geometry) -> NDArray[Any]:
    """Convolution of one group. C and K count blocks of channels.

    Args:
        x: [N, C, D1, …, c_b]. w: [K, C, k1, …, c_b, k_b].

    Returns:
        y [N, K, o1, …, k_b].
    """
    N, *image = x.shape[0], *x.shape[2:-1]
    K, k_b = w.shape[0], w.shape[-1]
    *rows, o_w = geometry.output(tuple(image))
    y = np.empty((N, K, *rows, o_w, k_b), np.result_type(x, w))
    for n, k, *row in np.ndindex(N, K, *rows):
        for first in range(0, o_w, TILE):
            outputs = range(first, min(first + TILE, o_w))
            y[(n, k, *row, slice(first, outputs.stop))] = tile(x[n], w[k], geometry, tuple(row), outputs)
    return y


def tile(x: NDArray[Any], w: NDArray[Any], geometry: Geometry, row: tuple[int, ...], outputs: range) -> NDArray[Any]:
    """Outputs [len(outputs), k_b] of one row: all their sums are kept while blocks, taps and channels go by.

    Args:
        x: [C, D1, …, c_b]. w: [C, k1, …, c_b, k_b]. row: position in all dimensions but the last.
    """
    image = x.shape[1:-1]
    above, width = geometry.dimensions(slice(-1)), image[-1]
    rows, lines = above.under(row, image[:-1])
    stride, dilation, begin = geometry.strides[-1], geometry.dilations[-1], geometry.pads_begin[-1]
    sums = np.zeros((len(outputs), w.shape[-1]), np.result_type(x, w))
    for c in range(len(x)):
        seen, kernel = x[c][lines], w[c][rows]
        for r in np.ndindex(*kernel.shape[: len(row)]):
            for s in range(geometry.kernel[-1]):
                start = outputs.start * stride + s * dilation - begin
                covered, pixels = on_image(start, stride, len(outputs), width)
                sums[covered] += seen[r][pixels] @ kernel[r][s]
    return sums


def convolve(x: NDArray[Any], w: NDArray[Any], geometry: Geometry) -> NDArray[Any]:
    """The same for x [N, C, D1, …] and w [M, C/G, k1, …], brought into blocks and back group by group."""
    G = geometry.group
    kernels = [packed(kernel, K_B, C_B) for kernel in np.split(w, G, axis=0)]
    y = np.empty((x.shape[0], w.shape[0], *geometry.output(x.shape[2:])), np.result_type(x, w))
    for kernel, inputs, outputs in zip(kernels, np.split(x, G, axis=1), np.split(y, G, axis=1)):
        unblocked(blocked_direct(blocked(inputs, C_B), kernel, geometry), outputs)
    return y


def cost(shapes: Shapes) -> Cost:
    """Channels that fill up a block are multiplied as well; input and output of a group in blocks are workspace.

    A network that keeps its images in blocks throughout has no such copies.
    """
    G = shapes.geometry.group
    C, K = -(-shapes.w[1] // C_B) * C_B, -(-(shapes.w[0] // G) // K_B) * K_B
    macs = shapes.x[0] * G * K * C * shapes.geometry.touched(shapes.image)
    x = shapes.x[0] * C * math.prod(shapes.image) * shapes.itemsize
    y = shapes.x[0] * K * shapes.windows * shapes.output_itemsize
    weights = G * K * C * math.prod(shapes.geometry.kernel) * shapes.itemsize
    return Cost(
        multiplications=macs,
        additions=macs,
        bytes_read=shapes.input_bytes + G * (x + y) + weights,
        bytes_written=G * (x + y) + shapes.output_bytes,
        workspace=x + y,
        weights=weights,
    )
