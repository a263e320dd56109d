"""ONNX Runtime's CPU kernels as an engine: each request is a model of one node, loaded and run once.

All inputs are inputs of the graph, so that no constant is folded; default session options, one thread. Tensors go in
and out by their bytes (an OrtValue made by shape and ONNX type, filled through its address), because NumPy cannot
carry bfloat16, float8, 4-bit and 2-bit elements; no Cast stands beside the judged operator.

`qref:Requantize` is no ONNX operator. What it asks for is what QLinearConv does after its sums: a 1×1 convolution whose
input equals its zero point has the accumulators as its bias, one output channel each.
"""

import ctypes
import os
from typing import Any

import numpy as np

from qref.engines.protocol import Hello, excerpt
from qref.engines.serve import serve
from qref.engines.versions import require
from qref.errors import InvalidInput, Unsupported
from qref.numerics.tensor import Tensor
from qref.ops.request import Request

UNSUPPORTED = (
    "NOT_IMPLEMENTED",
    "Could not find an implementation",
    "Failed to find kernel",
    "Type Error: Type",
    "is not a registered function/op",
    "Unsupported model IR version",
    "guarantees* support for models stamped with official released onnx opset versions",
)


def hello() -> Hello:
    for module in ("onnx", "onnxruntime"):
        require(module, "onnxruntime")
    import onnxruntime

    return Hello("onnxruntime", onnxruntime.__version__)


def run(request: Request) -> list[Tensor]:
    if (request.domain, request.op) == ("qref", "Requantize"):
        return requantize(request)
    if request.domain != "":
        raise Unsupported(f"ONNX Runtime has no domain {request.domain!r}")
    return run_node(request)


def requantize(request: Request) -> list[Tensor]:
    """The accumulators as the biases of a QLinearConv whose products are all zero."""
    accumulator, x_scale, w_scale, y_scale, y_zero_point = _five(request)
    if y_zero_point.dtype not in ("int8", "uint8"):
        raise Unsupported(f"QLinearConv has no {y_zero_point.dtype} output")
    if accumulator.data.size == 0:
        raise Unsupported("QLinearConv with no channels")
    channels = accumulator.data.size
    zero_x, zero_w = np.zeros((), y_zero_point.data.dtype), np.zeros((), np.int8)
    convolution = Request(
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
    (y,) = run_node(convolution)
    return [Tensor(y.dtype, y.data.reshape(accumulator.shape))]


def run_node(request: Request) -> list[Tensor]:
    """Loads the request's one-node model and runs it."""
    import onnxruntime

    from qref.engines import onnx_node

    model = onnx_node.one_node_model(request)
    feeds = {onnx_node.input_name(k): _value(x) for k, x in enumerate(request.inputs) if x is not None}
    names = [onnx_node.output_name(k) for k in range(request.outputs)]
    try:
        session = onnxruntime.InferenceSession(model, _options(), providers=["CPUExecutionProvider"])
        values = session._sess.run_with_ort_values(feeds, names, None)
    except Exception as error:  # its exceptions have no common root
        words = excerpt(str(error))
        if any(sign in words for sign in UNSUPPORTED):
            raise Unsupported(words) from None
        raise InvalidInput(words) from None
    return [_tensor(value) for value in values]


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


def _options() -> Any:
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 4  # fatal: rejections come as exceptions
    return options


def _value(tensor: Tensor) -> Any:
    """An OrtValue with the tensor's elements.

    Raises:
        Unsupported: ONNX Runtime has no such type, or packs it in another way than ONNX does.
    """
    from onnxruntime.capi.onnxruntime_pybind11_state import OrtDevice, OrtValue

    from qref.engines import onnx_node

    raw = onnx_node.pack(tensor)
    device = OrtDevice(OrtDevice.cpu(), OrtDevice.default_memory(), 0)
    code = onnx_node.ONNX_TYPES[tensor.dtype]
    try:
        value = OrtValue.ortvalue_from_shape_and_onnx_type(list(tensor.shape), code, device)
    except Exception as error:  # its exceptions have no common root
        raise Unsupported(f"no {tensor.dtype} tensor: {excerpt(str(error))}") from None
    if value.tensor_size_in_bytes() != len(raw):
        raise Unsupported(f"{tensor.dtype} takes {value.tensor_size_in_bytes()} bytes here, {len(raw)} by ONNX")
    if raw:
        ctypes.memmove(value.data_ptr(), raw, len(raw))
    return value


def _tensor(value: Any) -> Tensor:
    """The tensor in an OrtValue."""
    from qref.engines import onnx_node

    size = value.tensor_size_in_bytes()
    raw = ctypes.string_at(value.data_ptr(), size) if size else b""
    return onnx_node.unpack(raw, onnx_node.DTYPES[value.element_type()], value.shape())


if __name__ == "__main__":
    os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")
    serve(hello, run)
