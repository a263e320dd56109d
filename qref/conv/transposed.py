"""Transposed convolution: every pixel of the input adds the kernel, times itself, to a window of the output.

The adjoint of `qref.conv.direct.direct`: Σ direct(y, w)·x = Σ y·transposed(x, w) for every x and y. So the geometry
is that of the convolution which it turns round, and the first axis of w counts input channels (ONNX ConvTranspose,
[C, M/G, k1, …]).
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qref.conv.geometry import Geometry


def output_shape(image: Sequence[int], geometry: Geometry, output_padding: Sequence[int]) -> tuple[int, ...]:
    """Lengths of the output: s·(n − 1) + extent + output_padding − p_begin − p_end in each dimension.

    With a stride s, s different lengths are convolved to the same n: output_padding 0 … s − 1 says which is meant.
    """
    return tuple(
        geometry.strides[i] * (n - 1)
        + geometry.extent(i)
        + output_padding[i]
        - geometry.pads_begin[i]
        - geometry.pads_end[i]
        for i, n in enumerate(image)
    )


def transposed(x: NDArray[Any], w: NDArray[Any], geometry: Geometry, output: tuple[int, ...]) -> NDArray[Any]:
    """y[n, m, s·p + d·r − b] += Σ_c x[n, c, p] · w[c, m, r] for all p and r; what falls outside is dropped.

    Args:
        x: [N, C, D1, …]. w: [C, M/G, k1, …]. output: lengths of the result in space.

    Returns:
        y [N, M, *output] in the operands' arithmetic.
    """
    N, C, *image = x.shape
    G, M_g = geometry.group, w.shape[1]
    C_g = C // G
    y = np.zeros((N, G * M_g, *output), np.result_type(x, w))
    n, m, c, *r = range(3 + len(image))
    for position in np.ndindex(*image):
        taps, pixels = geometry.under(position, output)
        for g in range(G):
            inputs, outputs = slice(g * C_g, (g + 1) * C_g), slice(g * M_g, (g + 1) * M_g)
            pixel, kernel = x[(slice(None), inputs, *position)], w[(inputs, slice(None), *taps)]
            y[(slice(None), outputs, *pixels)] += np.einsum(pixel, [n, c], kernel, [c, m, *r], [n, m, *r])
    return y
