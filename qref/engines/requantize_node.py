"""`qref:Requantize` in the words of ONNX, for the engines that run models.

It is no ONNX operator. What it asks for is what QLinearConv does after its sums: a 1×1 convolution whose input equals
its zero point has the accumulators as its bias, one output channel each.
"""

import numpy as np

from qref.errors import InvalidInput, Unsupported
from qref.numerics.tensor import Tensor
from qref.ops.request import Request


def is_requantize(request: Request) -> bool:
    return (request.domain, request.op) == ("qref", "Requantize")


def as_convolution(request: Request) -> Request:
    """The accumulators as the biases of a QLinearConv whose products are all zero; its y is [1, size, 1, 1].

    Raises:
        Unsupported: QLinearConv has no such output type, or there is no accumulator.
        InvalidInput: an input is missing, or w_scale is neither scalar nor of the axis's length.
    """
    accumulator, x_scale, w_scale, y_scale, y_zero_point = _five(request)
    if y_zero_point.dtype not in ("int8", "uint8"):
        raise Unsupported(f"QLinearConv has no {y_zero_point.dtype} output")
    if accumulator.data.size == 0:
        raise Unsupported("QLinearConv with no channels")
    channels = accumulator.data.size
    zero_x, zero_w = np.zeros((), y_zero_point.data.dtype), np.zeros((), np.int8)
    return Request(
        op="QLinearConv",
        domain="",
        opset=10,
        attributes={},
        inputs=(
            Tensor(y_zero_point.dtype, zero_x.reshape(1, 1, 1, 1)),
            x_scale,
            Tensor(y_zero_point.dtype, zero_x),
            Tensor("int8", np.broadcast_to(zero_w, (channels, 1, 1, 1)).copy()),
            _per_channel(w_scale, accumulator.shape, request.attributes.get("axis", 1)),
            Tensor("int8", zero_w if w_scale.shape == () else np.broadcast_to(zero_w, (channels,)).copy()),
            y_scale,
            y_zero_point,
            Tensor("int32", accumulator.data.reshape(-1)),
        ),
    )


def from_convolution(request: Request, y: Tensor) -> Tensor:
    """The convolution's y in the shape of the accumulators."""
    accumulator = _five(request)[0]
    return Tensor(y.dtype, y.data.reshape(accumulator.shape))


def _five(request: Request) -> tuple[Tensor, Tensor, Tensor, Tensor, Tensor]:
    a, x, w, y, z = (*request.inputs, None, None, None, None, None)[:5]
    if a is None or x is None or w is None or y is None or z is None:
        raise InvalidInput("Requantize takes accumulator, x_scale, w_scale, y_scale and y_zero_point")
    return a, x, w, y, z


def _per_channel(w_scale: Tensor, shape: tuple[int, ...], axis: int) -> Tensor:
    """w_scale for each accumulator: as it is where scalar, else spread along `axis`.

    Raises:
        InvalidInput: it is neither scalar nor of the axis's length.
    """
    if w_scale.shape == ():
        return w_scale
    if len(w_scale.shape) != 1 or not -len(shape) <= axis < len(shape) or w_scale.shape[0] != shape[axis]:
        raise InvalidInput(f"w_scale has shape {list(w_scale.shape)}, the accumulator {list(shape)}, axis is {axis}")
    along = [1] * len(shape)
    along[axis] = -1
    return Tensor(w_scale.dtype, np.broadcast_to(w_scale.data.reshape(along), shape).reshape(-1).copy())
