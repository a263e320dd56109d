"""XNOR-Net: a convolution of signs, scaled back to size by one number a filter and one a window.

Rastegari, Ordonez, Redmon, Farhadi, "XNOR-Net: ImageNet classification using binary convolutional neural networks",
2016, section 3.2 and equation 11:

    I ∗ W ≈ (sign(I) ⊛ sign(W)) ⊙ K α        K = A ∗ k,  A = Σ_channels |I| / c,  k = 1 / (w·h) everywhere

⊛ counts bits that are equal (exclusive nor, population count), α = ‖W‖₁ / n as in Binary-Weight Networks, and K holds
β, the mean of |I| of each window. In the backward pass a sign lets the gradient through where |r| ≤ 1.
[seed: XNOR-Net, binary values · scaling factor]
"""

import math
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qref.conv.geometry import Geometry
from qref.conv.xnor import xnor
from qref.numerics.exact_totals import total
from qref.numerics.floats import float_format, nearest
from qref.quantizers.binary_weight import scale, sign, straight_through
from qref.quantizers.granularity import channels

FLOAT32 = float_format("float32")


def scaling_factors(I: NDArray[np.float32], geometry: Geometry) -> NDArray[Any]:
    """K = A ∗ k, exact: Fractions [N, G, o1, …], one map a group of channels.

    β of a window is Σ |I| under it over c·w·h, all its taps counted: beside the image A is 0, and it weighs as any
    other value. Strides, dilations and padding are the layer's.

    Args:
        I: image [N, C, D1, …].
    """
    N, C, *image = I.shape
    G = geometry.group
    taps = C // G * math.prod(geometry.kernel)
    grouped = np.abs(I).reshape(N, G, C // G, *image)
    K = np.empty((N, G, *geometry.output(tuple(image))), object)
    for n, group, *position in np.ndindex(*K.shape):
        _, pixels = geometry.under(tuple(position), tuple(image))
        K[(n, group, *position)] = total(grouped[(n, group, slice(None), *pixels)]) / taps if taps else Fraction(0)
    return K


def forward(
    I: NDArray[np.float32], B: NDArray[np.int8], alpha: list[Fraction], geometry: Geometry
) -> NDArray[np.float32]:
    """(sign(I) ⊛ B) ⊙ K α, each element an exact number rounded once to float32.

    Padding has no sign: a tap beside the image is left out of the product of signs.

    Args:
        I: image [N, C, D1, …]. B: ±1, [M, C/G, k1, …]. alpha: one number a filter.
    """
    signs, K = xnor(sign(I), B, geometry), scaling_factors(I, geometry)
    filters = B.shape[0] // geometry.group
    y = np.empty(signs.shape, np.float32)
    for n, m, *position in np.ndindex(*y.shape):
        where = (n, m, *position)
        y[where] = nearest(int(signs[where]) * K[(n, m // filters, *position)] * alpha[m], FLOAT32)
    return y


def scales(W: NDArray[np.float32]) -> list[Fraction]:
    """α of each filter, exact."""
    return [scale(w) for w in channels(W)]


def sign_backward(r: NDArray[np.float32], g: NDArray[np.float32]) -> NDArray[np.float32]:
    """∂C/∂r of q = sign(r) from g = ∂C/∂q: g where |r| ≤ 1, else 0."""
    return np.where(straight_through(r), g, np.float32(0))
