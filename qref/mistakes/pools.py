"""MaxPool and AveragePool as wrong implementations see them: windows, and what they hold."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from qref.errors import Unsupported
from qref.mistakes.altered_request import check, rerun
from qref.numerics.floats import decode, encode
from qref.numerics.formats import Float
from qref.numerics.tensor import Tensor
from qref.ops.onnx.average_pool import windows_of
from qref.ops.onnx.pooling_windows import Pooling
from qref.ops.request import Request

Indices = NDArray[np.int64]

POOLS = ("MaxPool", "AveragePool")


def image(request: Request) -> Tensor:
    """X of a valid request."""
    found = request.inputs[0]
    assert found is not None
    return found


def windows(request: Request) -> Pooling:
    """The windows of a valid request."""
    known = ("auto_pad", "ceil_mode", "dilations", "kernel_shape", "pads", "strides")
    attributes = {name: value for name, value in request.attributes.items() if name in known}
    return windows_of(image(request), request.opset, **attributes)


def overhanging(found: Pooling) -> NDArray[np.bool_]:
    """Whether each window [o1, …] hangs over the image."""
    return found.elements(with_padding=False) < int(np.prod(found.geometry.kernel))


def with_indices(request: Request, number: Callable[[Indices], Indices]) -> list[Tensor]:
    """The right Y of MaxPool; Indices are `number` of the right ones, where the request wants any.

    Raises Unsupported for column-major indices.
    """
    check(request, ("MaxPool",))
    if request.attributes.get("storage_order", 0):
        raise Unsupported("indices are column-major, the mistake is with row-major ones")
    right = rerun(request)
    if len(right) < 2 or right[1].data.size == 0:
        return right
    return [right[0], Tensor("int64", np.asarray(number(right[1].data), np.int64))]


def at_least(request: Request, where: NDArray[np.bool_], lowest: float) -> list[Tensor]:
    """The right answer of MaxPool whose values, where `where`, are `lowest` at least."""
    right = rerun(request)
    y = right[0]
    if isinstance(y.format, Float):
        values = decode(y)
        return [encode(np.where(where, np.maximum(values, lowest), values), y.dtype), *right[1:]]
    return [Tensor(y.dtype, np.where(where, np.maximum(y.data, int(lowest)), y.data)), *right[1:]]
