"""Sparse direct convolution: each weight that is not zero adds itself times a shifted image to its output channel.

Park et al., "Faster CNNs with direct sparse convolutions and guided pruning", 2017. The weights of an output channel
are stretched to the length of the flattened padded image, w[m, c, r, s] at column f(c, r, s) = (c·H + r)·W + s: then
an output is the product of the stretched row and the image seen from its own place on, and a compressed row needs no
division to find its pixels. With dilation the column is f(c, d·r, d·s), with strides the places are s·p. [seed:
NNLib, "Sparse direct convolution"]
"""

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qref.conv.cost import Cost, Shapes
from qref.conv.csr import Csr, compress, compressed_bytes
from qref.conv.geometry import Geometry


def stretch(w: NDArray[Any], geometry: Geometry, padded: tuple[int, ...]) -> Csr:
    """Kernels [M, C, k1, …] in compressed rows whose columns are places in a flattened image [C, *padded]."""
    kernel = compress(w.reshape(len(w), math.prod(w.shape[1:])))
    places, *taps = np.unravel_index(kernel.columns, w.shape[1:])  # the channel c, and r in each dimension
    for tap, dilation, length in zip(taps, geometry.dilations, padded):
        places = places * length + dilation * tap
    return Csr(kernel.values, places.astype(np.int32), kernel.rows)


def seen_from(
    place: int, image: NDArray[Any], geometry: Geometry, output: tuple[int, ...], padded: tuple[int, ...]
) -> NDArray[Any]:
    """The pixels that a weight at column `place` meets, one an output: the flattened image from there, in strides."""
    lengths = [math.prod(padded[i + 1 :]) for i in range(len(padded))]
    steps = [image.itemsize * s * length for s, length in zip(geometry.strides, lengths)]
    return np.ndarray(output, image.dtype, image, image.itemsize * place, steps)


def sparse_direct(x: NDArray[Any], w: NDArray[Any], geometry: Geometry) -> NDArray[Any]:
    """Arguments, result and arithmetic as `qref.conv.direct.direct`; zero weights take no part."""
    padded = tuple(n + b + e for n, b, e in zip(x.shape[2:], geometry.pads_begin, geometry.pads_end))
    kernels = [stretch(kernel, geometry, padded) for kernel in np.split(w, geometry.group, axis=0)]
    y = np.zeros((x.shape[0], w.shape[0], *geometry.output(x.shape[2:])), np.result_type(x, w))
    if y.size > 0:
        for n in range(len(x)):
            add_weights(geometry.pad(x[n : n + 1]), kernels, geometry, y[n])
    return y


def add_weights(image: NDArray[Any], kernels: list[Csr], geometry: Geometry, y: NDArray[Any]) -> None:
    """Adds every weight times the pixels it meets to y [M, o1, …]; image [1, C, …] is padded, kernels are stretched."""
    padded, output = image.shape[2:], y.shape[1:]
    groups = image.reshape(len(kernels), image.size // len(kernels))
    for pixels, kernel, channels in zip(groups, kernels, np.split(y, len(kernels), axis=0)):
        for m, channel in enumerate(channels):
            for j in range(kernel.rows[m], kernel.rows[m + 1]):
                channel += kernel.values[j] * seen_from(kernel.columns[j], pixels, geometry, output, padded)


def cost(shapes: Shapes) -> Cost:
    """One multiplication a weight that is not zero and output; one padded image is workspace."""
    N, C = shapes.x[:2]
    geometry = shapes.geometry
    pixels = [n + b + e for n, b, e in zip(shapes.image, geometry.pads_begin, geometry.pads_end)]
    padded = C * math.prod(pixels) * shapes.itemsize
    macs = N * shapes.kept * shapes.windows
    weights = compressed_bytes(shapes)
    return Cost(
        multiplications=macs,
        additions=macs,
        bytes_read=shapes.input_bytes + N * padded + weights,
        bytes_written=N * padded + shapes.output_bytes,
        workspace=padded,
        weights=weights,
    )
