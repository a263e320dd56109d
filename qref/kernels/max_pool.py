"""MaxPool: the largest element of each window, lanes along windows, and, where it is asked for, its index.

Of types that float32 holds, the first largest element is all there is to know for the values; for indices, and for
float64, windows are searched one by one.
"""

from typing import Any

import numpy as np
from numba import float64, int64, njit, void
from numpy.typing import NDArray

from qref.errors import NotFixed
from qref.kernels import instructions
from qref.kernels.conv import kernel
from qref.kernels.conv.kernel import in_space, in_three_dimensions, volume
from qref.kernels.conv.steps import on_image, steps
from qref.kernels.conv.windows import plan, reaching, windows
from qref.kernels.float_arrays import single, stored
from qref.kernels.tile.windows import Kind
from qref.numerics.floats import decode
from qref.numerics.formats import Float, format_of
from qref.numerics.tensor import Tensor
from qref.ops import keywords
from qref.ops.check import dtype, require
from qref.ops.onnx.average_pool import windows_of
from qref.ops.onnx.float_types import listed
from qref.ops.onnx.pooling_windows import Pooling
from qref.ops.operator import Operator
from qref.ops.request import Request


@njit(
    void(
        float64[:, :, :, :, ::1], int64[:, ::1], int64[::1], int64[::1],
        int64[:, :, :, :, ::1], int64[:, :, :, :, ::1],
    ),
    cache=True,
)  # fmt: skip
def maxima(x: Any, steps: Any, kernel: Any, numbering: Any, place: Any, index: Any) -> None:
    """Where the maximum of each window stands: its first place in row-major order, its lowest index in a numbering.

    Args:
        x: [N, C, D1, D2, D3]. numbering: how far apart the indices of neighbours are along each dimension.
        place, index: [N, C, o1, o2, o3].
    """
    N, C, n1, n2, n3 = x.shape
    _, _, o1, o2, o3 = place.shape
    (s1, s2, s3), (d1, d2, d3), (b1, b2, b3) = steps[0], steps[1], steps[2]
    for image in range(N * C):
        n, c = image // C, image % C
        corner = n * numbering[0] + c * numbering[1]
        for p1 in range(o1):
            first1, last1 = on_image(s1 * p1 - b1, d1, kernel[0], n1)
            for p2 in range(o2):
                first2, last2 = on_image(s2 * p2 - b2, d2, kernel[1], n2)
                for p3 in range(o3):
                    first3, last3 = on_image(s3 * p3 - b3, d3, kernel[2], n3)
                    highest, where, lowest = -np.inf, -1, -1
                    for r1 in range(first1, last1):
                        i1 = s1 * p1 + d1 * r1 - b1
                        for r2 in range(first2, last2):
                            i2 = s2 * p2 + d2 * r2 - b2
                            for r3 in range(first3, last3):
                                i3 = s3 * p3 + d3 * r3 - b3
                                value = x[n, c, i1, i2, i3]
                                number = corner + i1 * numbering[2] + i2 * numbering[3] + i3 * numbering[4]
                                if where < 0 or value > highest:
                                    highest, where, lowest = value, (i1 * n2 + i2) * n3 + i3, number
                                elif value == highest:
                                    lowest = min(lowest, number)
                    place[n, c, p1, p2, p3] = image * n1 * n2 * n3 + where
                    index[n, c, p1, p2, p3] = lowest


def max_pool(request: Request, operator: Operator) -> Tensor | tuple[Tensor, Tensor]:
    """MaxPool, checked by the reference; without Indices where one output is asked for.

    Raises:
        Unsupported: more than three dimensions of space.
    """
    attributes = keywords(request, operator)
    [X] = request.inputs
    assert X is not None
    storage_order = attributes.get("storage_order", 0)
    require(storage_order in (0, 1), f"storage_order is {storage_order}: give 0 or 1")
    dtype("X", X, listed(request.opset, (12, ["int8", "uint8"]), (22, ["bfloat16"])))
    found = windows_of_request(X, request)
    narrow = request.outputs == 1 and X.dtype != "float64"
    values: NDArray[Any] = in_float32(X) if narrow else decode(X)
    if values.size and np.isnan(values.min()):
        raise NotFixed("X holds NaN: no text says whether it is the maximum")
    if not found.elements(with_padding=False).all():
        raise NotFixed("a window covers no element: no text says what a maximum of nothing is")
    return largest(X.dtype, values, found) if narrow else searched(X, values, found, storage_order)


def in_float32(X: Tensor) -> NDArray[np.float32]:
    """The values of a type that float32 holds."""
    return single(X) if isinstance(X.format, Float) else X.data.astype(np.float32)


def largest(dtype: str, values: NDArray[np.float32], found: Pooling) -> Tensor:
    """The largest element of each window, in the type that the values are of."""
    images, inner = kernel.images(values), in_three_dimensions(found.geometry)
    image, output = images.shape[2:], in_space(found.output)
    y = np.empty((*values.shape[:2], *found.output), np.float32)
    if y.size:
        pooling = plan(Kind.MAXIMUM, image, reaching(inner, image, output), instructions.chosen())
        windows(pooling, images, y, np.empty((1, pooling.room), np.float32))
    format = format_of(dtype)
    return stored(y, dtype) if isinstance(format, Float) else Tensor(dtype, y.astype(format.storage))


def searched(X: Tensor, values: NDArray[np.float64], found: Pooling, storage_order: int) -> tuple[Tensor, Tensor]:
    """The largest element of each window, and its index."""
    N, C = X.shape[:2]
    inner = in_three_dimensions(found.geometry)
    output = in_space(found.output)
    place, index = (np.zeros((N, C, *output), np.int64) for _ in range(2))
    if place.size:
        maxima(volume(values), steps(inner), np.array(inner.kernel), apart(X.shape, storage_order), place, index)
    shape = (N, C, *found.output)
    return Tensor(X.dtype, X.data.reshape(-1)[place.reshape(shape)]), Tensor("int64", index.reshape(shape))


def windows_of_request(X: Tensor, request: Request) -> Pooling:
    """The windows of a request. Raises as the reference."""
    others = ("count_include_pad", "storage_order")
    return windows_of(X, request.opset, **{k: v for k, v in request.attributes.items() if k not in others})


def apart(shape: tuple[int, ...], storage_order: int) -> NDArray[np.int64]:
    """How far apart the indices of neighbours are along each dimension, in row-major or column-major order."""
    filled = (*shape[:2], *in_space(shape[2:]))
    order = filled[::-1] if storage_order == 0 else filled
    found = np.concatenate([[1], np.cumprod(order[:-1])]).astype(np.int64)
    return np.ascontiguousarray(found[::-1] if storage_order == 0 else found)
