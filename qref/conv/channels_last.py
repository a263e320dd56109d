"""Direct convolution in NHWC: each tap is a row of pixels [o, C] times a matrix [C, M], added to a row of outputs.

The order of axes that TensorFlow Lite and most NPUs keep: the sum over channels runs along memory.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from qref.conv.cost import Cost, Shapes
from qref.conv.geometry import Geometry
from qref.conv.layouts import channels_first, channels_last


def direct_channels_last(x: NDArray[Any], w: NDArray[Any], geometry: Geometry) -> NDArray[Any]:
    """y[n, p, m] = Σ_r Σ_c x[n, s·p + d·r − b, c] · w[r, c, m], row by row of the output.

    Args:
        x: [N, D1, …, C]. w: [k1, …, C/G, M].

    Returns:
        y [N, o1, …, M].
    """
    image, (*_, k_w, C_g, M) = x.shape[1:-1], w.shape
    G, M_g = geometry.group, M // geometry.group
    above, across = geometry.dimensions(slice(-1)), geometry.dimensions(slice(-1, None))
    *rows, o_w = geometry.output(image)
    y = np.zeros((len(x), *rows, o_w, M), np.result_type(x, w))
    for n, *row in np.ndindex(len(x), *rows):
        taps, lines = above.under(tuple(row), image[:-1])
        seen, kernel = x[(n, *lines)], w[taps]
        for r in np.ndindex(*kernel.shape[: len(row)]):
            for s in range(k_w):
                (outputs,), (pixels,) = across.along((s,), image[-1:])
                for g in range(G):
                    inputs, mine = slice(g * C_g, (g + 1) * C_g), slice(g * M_g, (g + 1) * M_g)
                    y[(n, *row, outputs, mine)] += seen[r][pixels, inputs] @ kernel[r][s, :, mine]
    return y


def convolve(x: NDArray[Any], w: NDArray[Any], geometry: Geometry) -> NDArray[Any]:
    """The same for x [N, C, D1, …] and w [M, C/G, k1, …], brought into that order and back."""
    kernel = np.ascontiguousarray(np.moveaxis(w, (1, 0), (-2, -1)))
    return channels_first(direct_channels_last(channels_last(x), kernel, geometry))


def cost(shapes: Shapes) -> Cost:
    """Taps beside the image are left out; the input in the other order, and then the output, is workspace.

    A network that keeps this order throughout has no such copies.
    """
    copies = shapes.input_bytes + shapes.output_bytes
    return Cost(
        multiplications=shapes.touched,
        additions=shapes.touched,
        bytes_read=shapes.input_bytes + shapes.weight_bytes + copies,
        bytes_written=shapes.output_bytes + copies,
        workspace=max(shapes.input_bytes, shapes.output_bytes),
        weights=shapes.weight_bytes,
    )
