"""The golden convolution of floats: every product and sum exact, rounded once."""

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qref.conv.geometry import Geometry
from qref.numerics.exact_sums import dot
from qref.numerics.formats import Float

BLOCK = 1 << 19
"""Elements of the windows that are laid out at once, so that memory stays bounded."""


def exact(
    x: NDArray[np.float64],
    w: NDArray[np.float64],
    geometry: Geometry,
    format: Float,
    addend: NDArray[np.float64] | None = None,
) -> NDArray[np.float64]:
    """Each output is Σ x·w + addend as a real number, rounded once to `format`, half to even.

    Padding holds zeros that take part, as in IEEE arithmetic on the padded image: with an infinite weight they give
    NaN, and added to −0 they give +0.

    Args:
        x: image [N, C, D1, …], w: kernel [M, C/G, k1, …], addend [M]: numbers of formats up to float32, in float64.

    Returns:
        y [N, M, o1, …]; overflow gives ±∞, and ∞ − ∞, 0 · ∞ and NaN give NaN.
    """
    N, M, G = x.shape[0], w.shape[0], geometry.group
    taps = w.shape[1] * math.prod(geometry.kernel)
    output = geometry.output(x.shape[2:])
    kernels = w.reshape(G, M // G, taps)
    bias = None if addend is None else addend.reshape(G, M // G, 1)
    total = N * math.prod(output)
    y = np.empty((M, total))
    step = max(BLOCK // max(G * taps, 1), 1)
    for first in range(0, total, step):
        positions = np.arange(first, min(first + step, total))
        columns = windows(x, geometry, positions).reshape(G, taps, len(positions))
        y[:, positions] = dot(kernels, columns, format, bias).reshape(M, len(positions))
    return np.moveaxis(y.reshape(M, N, *output), 0, 1)


def windows(x: NDArray[Any], geometry: Geometry, positions: NDArray[np.int64]) -> NDArray[Any]:
    """The windows of some output positions, side by side.

    Args:
        positions: places in the flattened outputs [N, o1, …].

    Returns:
        [C, k1, …, positions], zeros beside the image.
    """
    image = x.shape[2:]
    n, *p = np.unravel_index(positions, (x.shape[0], *geometry.output(image)))
    starts = [p[i] * geometry.strides[i] - geometry.pads_begin[i] for i in range(len(image))]
    columns = np.zeros((x.shape[1], *geometry.kernel, len(positions)), x.dtype)
    for tap in np.ndindex(*geometry.kernel):
        pixels = [starts[i] + tap[i] * geometry.dilations[i] for i in range(len(image))]
        inside = np.all([(pixels[i] >= 0) & (pixels[i] < image[i]) for i in range(len(image))], axis=0)
        met = (n[inside], slice(None), *(pixel[inside] for pixel in pixels))
        columns[(slice(None), *tap, inside)] = x[met].T
    return columns
