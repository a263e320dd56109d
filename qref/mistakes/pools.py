"""MaxPool and AveragePool as wrong implementations see them: windows, and what they hold."""

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qref import ops
from qref.mistakes.altered_request import check, rerun
from qref.numerics.tensor import Tensor
from qref.ops.onnx.average_pool import windows_of
from qref.ops.onnx.pooling_windows import Pooling
from qref.ops.request import Request

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


def with_values(request: Request, y: NDArray[Any]) -> list[Tensor]:
    """The right answer of MaxPool with `y` as the values of Y, in the type of X's storage."""
    right = rerun(request)
    return [Tensor(right[0].dtype, y.astype(right[0].data.dtype)), *right[1:]]


def with_indices(request: Request, number: Any) -> list[Tensor]:
    """The right Y of MaxPool; Indices are `number` of the right row-major ones, where the request wants any."""
    check(request, ("MaxPool",))
    if request.outputs < 2:
        return rerun(request)
    values, places = ops.run(replace(request, attributes={**request.attributes, "storage_order": 0}))
    return [values, Tensor("int64", np.asarray(number(places.data), np.int64).reshape(places.shape))]
