"""im2col and one matrix product: every window becomes a column, the kernels are the rows of a matrix.

Caffe lowers a convolution so (Jia et al., "Caffe: Convolutional architecture for fast feature embedding", 2014;
im2col_cpu and BaseConvolutionLayer::forward_cpu_gemm): image by image, the column matrix of all groups in one
buffer, then one product a group. Caffe leaves out the lowering for 1×1 kernels of stride 1 without padding; this
does not.
[seed: "Im2col operation of Caffe"]
"""

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qref.conv.cost import Cost, Shapes
from qref.conv.geometry import Geometry


def lower(image: NDArray[Any], geometry: Geometry, columns: NDArray[Any], beside: int = 0) -> None:
    """Fills the column matrix of one image: columns[c, r, p] = image[c, s·p + d·r − b], `beside` beside the image.

    Args:
        image: [C, D1, …].
        columns: [C, k1, …, o1, …]; as a matrix [C·k1·…, o1·…] its column p is the window of output position p.
    """
    columns[...] = beside
    for tap in np.ndindex(*geometry.kernel):
        outputs, pixels = geometry.along(tap, image.shape[1:])
        columns[(slice(None), *tap, *outputs)] = image[(slice(None), *pixels)]


def im2col(x: NDArray[Any], w: NDArray[Any], geometry: Geometry) -> NDArray[Any]:
    """Convolution as the matrix product of kernels [M/G, C/G·k1·…] and columns [C/G·k1·…, o1·…], group by group.

    Arguments, result and arithmetic as `qref.conv.direct.direct`.
    """
    N, C = x.shape[:2]
    M, G = w.shape[0], geometry.group
    taps = w.shape[1] * math.prod(geometry.kernel)
    output = geometry.output(x.shape[2:])
    windows = math.prod(output)
    kernels = w.reshape(G, M // G, taps)
    columns = np.empty((C, *geometry.kernel, *output), x.dtype)
    y = np.empty((N, G, M // G, windows), np.result_type(x, w))
    for n in range(N):
        lower(x[n], geometry, columns)
        for g, matrix in enumerate(columns.reshape(G, taps, windows)):
            np.matmul(kernels[g], matrix, out=y[n, g])
    return y.reshape(N, M, *output)


def cost(shapes: Shapes) -> Cost:
    """The column matrix of one image is workspace: C·k1·…·o1·… elements, written once and read once an image."""
    N, C = shapes.x[:2]
    columns = C * math.prod(shapes.geometry.kernel) * shapes.windows * shapes.itemsize
    return Cost(
        multiplications=shapes.macs,
        additions=shapes.macs,
        bytes_read=shapes.input_bytes + N * columns + shapes.weight_bytes,
        bytes_written=N * columns + shapes.output_bytes,
        workspace=columns,
    )
