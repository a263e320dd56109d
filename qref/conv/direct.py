"""Direct convolution: the definition, window by window.

y[n, m, p] = Σ_c Σ_r x̄[n, g·C/G + c, s·p + d·r] · w[m, c, r], x̄ the padded image, g = ⌊m / (M/G)⌋ the group of
output channel m. (Cross-correlation, as every inference framework means by convolution: the kernel is not flipped.)
"""

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qref.conv.geometry import Geometry


def direct(x: NDArray[Any], w: NDArray[Any], geometry: Geometry) -> NDArray[Any]:
    """Accumulators of a convolution, padded with zeros.

    Args:
        x: image [N, C, D1, …, Dn]. w: kernel [M, C/G, k1, …, kn], of one dtype; int64 is exact for all 8-bit operands.

    Returns:
        y [N, M, o1, …, on], in that dtype's arithmetic.
    """
    N, M, G = x.shape[0], w.shape[0], geometry.group
    C_g, M_g = w.shape[1], M // G
    taps = C_g * math.prod(geometry.kernel)
    padded = geometry.pad(x)
    output = geometry.output(x.shape[2:])
    y = np.zeros((N, M, *output), np.result_type(x, w))
    for position in np.ndindex(*output):
        window = padded[(slice(None), slice(None), *geometry.window(position))]
        for g in range(G):
            patch = window[:, g * C_g : (g + 1) * C_g].reshape(N, taps)
            kernel = w[g * M_g : (g + 1) * M_g].reshape(M_g, taps)
            y[(slice(None), slice(g * M_g, (g + 1) * M_g), *position)] = patch @ kernel.T
    return y
