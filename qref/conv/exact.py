"""The golden convolution of floats, and its transpose: every product and sum exact, rounded once."""

import math
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qref.conv.direct import direct
from qref.conv.geometry import Geometry
from qref.conv.transposed import transposed
from qref.numerics.exact_sums import dot
from qref.numerics.formats import Float

Array = NDArray[np.float64]

BLOCK = 1 << 19
"""Elements of the windows that are laid out at once, so that memory stays bounded."""


def exact(x: Array, w: Array, geometry: Geometry, format: Float, addend: Array | None = None) -> Array:
    """Each output is Σ x·w + addend as a real number, rounded once to `format`, half to even.

    Padding adds nothing, beside an infinite weight as well; but it takes part in the sign of a sum of zeros.

    Args:
        x: image [N, C, D1, …], w: kernel [M, C/G, k1, …], addend [M]: numbers of formats up to float32, in float64.

    Returns:
        y [N, M, o1, …]; overflow gives ±∞, and ∞ − ∞, 0 · ∞ and NaN give NaN.
    """
    M, G = w.shape[0], geometry.group
    taps = w.shape[1] * math.prod(geometry.kernel)
    output = geometry.output(x.shape[2:])

    def golden(x: Array, w: Array) -> Array:
        kernels = w.reshape(G, M // G, taps)
        return _in_blocks(kernels, lambda p: windows(x, geometry, p), (x.shape[0], *output), format, addend)

    return _with_specials(golden, lambda x, w: direct(x, w, geometry), x, w, addend)


def exact_transposed(
    x: Array, w: Array, geometry: Geometry, output: tuple[int, ...], format: Float, addend: Array | None = None
) -> Array:
    """What `qref.conv.transposed.transposed` gives, exact and rounded once; addend [M], numbers as in `exact`."""
    (N, C), G, M_g = x.shape[:2], geometry.group, w.shape[1]
    taps = math.prod(geometry.kernel)

    def golden(x: Array, w: Array) -> Array:
        kernels = np.moveaxis(w.reshape(G, C // G, M_g, taps), 1, 2).reshape(G, M_g, C // G * taps)
        return _in_blocks(kernels, lambda p: sources(x, geometry, output, p), (N, *output), format, addend)

    return _with_specials(golden, lambda x, w: transposed(x, w, geometry, output), x, w, addend)


def _in_blocks(
    kernels: Array,
    lay_out: Callable[[NDArray[np.int64]], Array],
    shape: tuple[int, ...],
    format: Float,
    addend: Array | None,
) -> Array:
    """Exact products of kernels [G, M/G, K] and columns, as many at a time as a block holds.

    lay_out: columns [G, K, positions] of some positions of the flattened outputs [N, o1, …], which are `shape`.
    """
    (G, M_g, K), (N, *output) = kernels.shape, shape
    bias = None if addend is None else addend.reshape(G, M_g, 1)
    total = math.prod(shape)
    y = np.empty((G * M_g, total))
    step = max(BLOCK // max(G * K, 1), 1)
    for first in range(0, total, step):
        positions = np.arange(first, min(first + step, total))
        columns = lay_out(positions).reshape(G, K, len(positions))
        y[:, positions] = dot(kernels, columns, format, bias).reshape(G * M_g, len(positions))
    return np.moveaxis(y.reshape(G * M_g, N, *output), 0, 1)


def _with_specials(
    golden: Callable[[Array, Array], Array],
    plain: Callable[[Array, Array], Array],
    x: Array,
    w: Array,
    addend: Array | None,
) -> Array:
    """∞ and NaN where IEEE arithmetic on the taps that lie on the image gives them, the golden sum elsewhere.

    Products of float32 numbers and their sums do not overflow float64, so `plain` sums are infinite only by operands.
    """
    if np.isfinite(x).all() and np.isfinite(w).all():
        return golden(x, w)
    with np.errstate(invalid="ignore"):
        special = plain(x, w)
        if addend is not None:
            special = special + addend.reshape(-1, *[1] * (x.ndim - 2))
    finite = golden(np.where(np.isfinite(x), x, 0.0), np.where(np.isfinite(w), w, 0.0))
    # the sign of a NaN that arithmetic makes differs from processor to processor
    special = np.where(np.isnan(special), np.nan, special)
    return np.where(np.isfinite(special), finite, special)


def windows(x: NDArray[Any], geometry: Geometry, positions: NDArray[np.int64]) -> NDArray[Any]:
    """The windows of some output positions of a convolution, side by side.

    Args:
        positions: places in the flattened outputs [N, o1, …].

    Returns:
        [C, k1, …, positions], zeros beside the image.
    """
    image, spatial = x.shape[2:], range(x.ndim - 2)
    n, *p = np.unravel_index(positions, (x.shape[0], *geometry.output(image)))
    columns = np.zeros((x.shape[1], *geometry.kernel, len(positions)), x.dtype)
    for tap in np.ndindex(*geometry.kernel):
        pixels = [p[i] * geometry.strides[i] + tap[i] * geometry.dilations[i] - geometry.pads_begin[i] for i in spatial]
        inside = np.all([(pixels[i] >= 0) & (pixels[i] < image[i]) for i in spatial], axis=0)
        met = (n[inside], slice(None), *(pixel[inside] for pixel in pixels))
        columns[(slice(None), *tap, inside)] = x[met].T
    return columns


def sources(x: NDArray[Any], geometry: Geometry, output: tuple[int, ...], positions: NDArray[np.int64]) -> NDArray[Any]:
    """The pixels that a transposed convolution scatters to some positions of the flattened outputs [N, *output].

    Position q gets tap r of pixel p where q = s·p + d·r − b.

    Returns:
        [C, k1, …, positions], zeros where there is no such pixel.
    """
    image, spatial = x.shape[2:], range(x.ndim - 2)
    n, *q = np.unravel_index(positions, (x.shape[0], *output))
    columns = np.zeros((x.shape[1], *geometry.kernel, len(positions)), x.dtype)
    for tap in np.ndindex(*geometry.kernel):
        steps = [q[i] + geometry.pads_begin[i] - tap[i] * geometry.dilations[i] for i in spatial]
        p = [steps[i] // geometry.strides[i] for i in spatial]
        meets = np.all(
            [(steps[i] % geometry.strides[i] == 0) & (p[i] >= 0) & (p[i] < image[i]) for i in spatial], axis=0
        )
        met = (n[meets], slice(None), *(pixel[meets] for pixel in p))
        columns[(slice(None), *tap, meets)] = x[met].T
    return columns
