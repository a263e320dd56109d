"""AveragePool: each window's elements on the image summed up in float32, divided by their number."""

from typing import Any

import numpy as np
from numba import float32, int64, njit, void

from qref.errors import NotFixed
from qref.kernels.conv.kernel import DIMENSIONS, in_three_dimensions, volume
from qref.kernels.conv.steps import on_image, steps
from qref.kernels.float_arrays import single, stored
from qref.kernels.max_pool import windows
from qref.numerics.tensor import Tensor
from qref.ops import keywords
from qref.ops.onnx.average_pool import without_contradiction
from qref.ops.onnx.float_types import listed, numbers
from qref.ops.operator import Operator
from qref.ops.request import Request


@njit(
    void(float32[:, :, :, ::1], int64[:, ::1], int64[::1], float32[:, :, ::1], float32[:, :, :, ::1]),
    cache=True,
    error_model="numpy",
)
def means(x: Any, steps: Any, kernel: Any, counts: Any, y: Any) -> None:
    """y[c, p] = Σ_r x[c, s·p + d·r − b] / counts[p] over the taps on the image.

    Args:
        x: [N·C, D1, D2, D3]. counts: [o1, o2, o3]. y: [N·C, o1, o2, o3].
    """
    _, n1, n2, n3 = x.shape
    image, o1, o2, o3 = y.shape
    (s1, s2, s3), (d1, d2, d3), (b1, b2, b3) = steps[0], steps[1], steps[2]
    for c in range(image):
        for p1 in range(o1):
            first1, last1 = on_image(s1 * p1 - b1, d1, kernel[0], n1)
            for p2 in range(o2):
                first2, last2 = on_image(s2 * p2 - b2, d2, kernel[1], n2)
                for p3 in range(o3):
                    first3, last3 = on_image(s3 * p3 - b3, d3, kernel[2], n3)
                    total = np.float32(0)
                    for r1 in range(first1, last1):
                        for r2 in range(first2, last2):
                            row = x[c, s1 * p1 + d1 * r1 - b1, s2 * p2 + d2 * r2 - b2]
                            for r3 in range(first3, last3):
                                total += row[s3 * p3 + d3 * r3 - b3]
                    y[c, p1, p2, p3] = total / counts[p1, p2, p3]


def average_pool(request: Request, operator: Operator) -> Tensor:
    """AveragePool, checked by the reference. Raises Unsupported beyond three dimensions."""
    attributes = keywords(request, operator)
    [X] = request.inputs
    assert X is not None
    numbers("X", X, listed(request.opset, (22, ["bfloat16"])))
    found = windows(X, request)
    if request.opset == 11 and not attributes.get("ceil_mode", 0):
        without_contradiction(found, attributes.get("auto_pad", "NOTSET"))
    counts = found.elements(with_padding=bool(attributes.get("count_include_pad", 0)))
    if not counts.all():
        raise NotFixed("a window covers no element: no text says what an average of nothing is")
    values, inner = volume(single(X)), in_three_dimensions(found.geometry)
    N, C, *image = values.shape
    output = (1,) * (DIMENSIONS - len(found.output)) + found.output
    y = np.zeros((N * C, *output), np.float32)
    if y.size:
        lengths = counts.astype(np.float32).reshape(output)
        means(values.reshape(N * C, *image), steps(inner), np.array(inner.kernel), lengths, y)
    return stored(y.reshape(N, C, *found.output), X.dtype)
