"""Convolution by pre-computed tables: what each pixel gives with each codeword is computed once, then only added up.

Wu, Leng, Wang, Hu, Cheng, "Quantized convolutional neural networks for mobile devices", CVPR 2016, section 3.1: kernels
are split along their input channels; the weights of output channel m at tap r in sub-space s are the codeword
v = B[m, r, s], whatever the tap. So one table serves all windows that meet a pixel:

    T[s, v, p] = Σ_{c in sub-space s} x[c, p] · C[v, c]        for every pixel p
    y[m, q]    = Σ_r Σ_s T[s, B[m, r, s], p(q, r)]             over the taps whose pixel lies on the image

Beside the image there is no pixel and nothing is added: padding is no codeword.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from qref.conv.geometry import Geometry

Array = NDArray[Any]


def tables(x: Array, codebooks: Array, d: int, group: int = 1) -> Array:
    """T [N, G, S, V, D1, …] of x [N, C, D1, …] and codebooks [V, C/G], which all groups share."""
    V, C_g = codebooks.shape
    by_group = x.reshape(len(x), group, C_g, *x.shape[2:])
    T = np.empty((len(x), group, -(-C_g // d), V, *x.shape[2:]), x.dtype)
    for s in range(T.shape[2]):
        channels = slice(s * d, s * d + d)
        T[:, :, s] = np.moveaxis(np.tensordot(codebooks[:, channels], by_group[:, :, channels], (1, 2)), 0, 2)
    return T


def lookup(x: Array, codes: NDArray[np.uint8], codebooks: Array, d: int, geometry: Geometry) -> Array:
    """y [N, M, o1, …]: sums only.

    Args:
        x: [N, C, D1, …]. codes: [M·k1·…, S], rows (m, tap) as layout "channels" of `qref.codebooks.subvectors` has
        them. codebooks: [V, C/G]. d: length of a sub-vector.
    """
    image, kernel, G = x.shape[2:], geometry.kernel, geometry.group
    T: Any = tables(x, codebooks, d, G)
    B = codes.reshape(-1, *kernel, codes.shape[1])
    y: Any = np.zeros((len(x), len(B), *geometry.output(image)), x.dtype)
    for m in range(len(B)):
        g = m // (len(B) // G)
        for tap in np.ndindex(*kernel):
            outputs, pixels = geometry.along(tap, image)
            for s, v in enumerate(B[(m, *tap)].tolist()):
                y[(slice(None), m, *outputs)] += T[(slice(None), g, s, v, *pixels)]
    return y
