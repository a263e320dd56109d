"""Binary convolution: signs packed to bits, products by exclusive or, sums by counting bits.

With x and w in {−1, +1} as bits 0 and 1, a product is +1 where the bits are equal: over n taps Σ x·w = n −
2·popcount(x ⊕ w) (Rastegari et al., "XNOR-Net", 2016, section 3.2; Courbariaux et al., "Binarized neural networks",
2016). Channels are packed, eight to a byte; in the last byte of C channels the bits beyond C are 0 in both operands
and count nothing. A tap beside the image has no sign: it is left out of both terms, so n is the number of taps on the
image. [seed: XNOR-Net]
"""

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qref.conv.cost import Cost, Shapes
from qref.conv.geometry import Geometry


def popcount(bits: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Ones in each byte: in pairs of bits, then in halves, then in all (Warren, "Hacker's Delight", section 5-1)."""
    pairs = bits - ((bits >> 1) & 0x55)
    halves = (pairs & 0x33) + ((pairs >> 2) & 0x33)
    return (halves + (halves >> 4)) & 0x0F


def pack(signs: NDArray[Any]) -> NDArray[np.uint8]:
    """[N, C, …] of ±1 → [N, ⌈C/8⌉, …] of bytes, the first channel in the highest bit."""
    N, C, *image = signs.shape
    packed = np.empty((N, -(-C // 8), *image), np.uint8)
    for n in range(N):
        packed[n] = np.packbits(signs[n] > 0, axis=0)
    return packed


def xnor(x: NDArray[Any], w: NDArray[Any], geometry: Geometry) -> NDArray[np.int32]:
    """y [N, M, o1, …] of x [N, C, D1, …] and w [M, C/G, k1, …], all ±1; padding adds nothing."""
    G = geometry.group
    kernels = [pack(kernel) for kernel in np.split(w, G, axis=0)]
    images = [pack(signs) for signs in np.split(x, G, axis=1)]
    y = np.empty((x.shape[0], w.shape[0], *geometry.output(x.shape[2:])), np.int32)
    for image, kernel, mine in zip(images, kernels, np.split(y, G, axis=1)):
        binary(image, kernel, w.shape[1], geometry, mine)
    return y


def binary(x: NDArray[np.uint8], w: NDArray[np.uint8], C: int, geometry: Geometry, y: NDArray[np.int32]) -> None:
    """Fills y [N, M, o1, …] from the packed x [N, ⌈C/8⌉, D1, …] and w [M, ⌈C/8⌉, k1, …] of one group."""
    for position in np.ndindex(*y.shape[2:]):
        taps, pixels = geometry.under(position, x.shape[2:])
        window, kernel = x[(slice(None), slice(None), *pixels)], w[(slice(None), slice(None), *taps)]
        n = C * math.prod(tap.stop - tap.start for tap in taps)
        differing = popcount(window[:, np.newaxis] ^ kernel)  # [N, M, ⌈C/8⌉, taps on the image]
        y[(..., *position)] = n - 2 * differing.sum(axis=tuple(range(2, differing.ndim)), dtype=np.int32)


def cost(shapes: Shapes) -> Cost:
    """Multiplications are exclusive ors of bytes, additions the sums of their counts; the packed image is workspace."""
    (N, _), (M, C_g), G = shapes.x[:2], shapes.w[:2], shapes.geometry.group
    byte = -(-C_g // 8)
    packed = N * G * byte * math.prod(shapes.image)
    weights = M * byte * math.prod(shapes.geometry.kernel)
    operations = N * M * byte * shapes.geometry.touched(shapes.image)
    return Cost(
        multiplications=operations,
        additions=operations,
        bytes_read=shapes.input_bytes + packed + weights,
        bytes_written=packed + shapes.output_bytes,
        workspace=packed,
        weights=weights,
    )
