"""Direct convolution: the definition, window by window.

y[n, m, p] = Σ_c Σ_r x[n, g·C/G + c, s·p + d·r − b] · w[m, c, r], g = ⌊m / (M/G)⌋ the group of output channel m and b
the padding at the beginning. (Cross-correlation, as every inference framework means by convolution: the kernel is
not flipped.) [seed: NNLib, "Compute convolution directly without reordering inputs"]
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from qref.conv.cost import Cost, Shapes
from qref.conv.geometry import Geometry


def direct(x: NDArray[Any], w: NDArray[Any], geometry: Geometry) -> NDArray[Any]:
    """Accumulators of a convolution, padded with zeros.

    A window is cut off where it hangs over the border, so nothing is copied: not the image, not the weights.

    Args:
        x: image [N, C, D1, …, Dn]. w: kernel [M, C/G, k1, …, kn], of one dtype; int64 is exact for all 8-bit operands.

    Returns:
        y [N, M, o1, …, on], in that dtype's arithmetic.
    """
    N, M, G = x.shape[0], w.shape[0], geometry.group
    C_g, M_g = w.shape[1], M // G
    image = x.shape[2:]
    output = geometry.output(image)
    y = np.zeros((N, M, *output), np.result_type(x, w))
    n, m, c, *r = range(3 + len(image))
    for position in np.ndindex(*output):
        taps, pixels = geometry.under(position, image)
        for g in range(G):
            inputs, outputs = slice(g * C_g, (g + 1) * C_g), slice(g * M_g, (g + 1) * M_g)
            window, kernel = x[(slice(None), inputs, *pixels)], w[(outputs, slice(None), *taps)]
            y[(slice(None), outputs, *position)] = np.einsum(window, [n, c, *r], kernel, [m, c, *r], [n, m])
    return y


def cost(shapes: Shapes) -> Cost:
    """One multiplication a tap on the image, each operand read once, no workspace."""
    return Cost(
        multiplications=shapes.touched,
        additions=shapes.touched,
        bytes_read=shapes.input_bytes + shapes.weight_bytes,
        bytes_written=shapes.output_bytes,
        workspace=0,
    )
