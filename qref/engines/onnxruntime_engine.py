"""ONNX Runtime's CPU kernels as an engine: each request is a model of one node, loaded and run once.

All inputs are inputs of the graph, so that no constant is folded; default session options, one thread. Tensors go in
and out by their bytes (an OrtValue made by shape and ONNX type, filled through its address), because NumPy cannot
carry bfloat16, float8, 4-bit and 2-bit elements; no Cast stands beside the judged operator.

`qref:Requantize` is asked as a QLinearConv (requantize_node.py).
"""

import ctypes
import os
from typing import Any

from qref.engines.protocol import Hello, excerpt
from qref.engines.requantize_node import as_convolution, from_convolution, is_requantize
from qref.engines.serve import serve
from qref.engines.versions import require
from qref.errors import InvalidInput, Unsupported
from qref.numerics.tensor import Tensor
from qref.ops.request import Request

UNSUPPORTED = (
    "NOT_IMPLEMENTED",
    "Could not find an implementation",
    "Failed to find kernel",
    "Type Error: Type '",  # not in the operator's list; "Type parameter (T) … bound to different types" is a rejection
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
    if is_requantize(request):
        (y,) = run_node(as_convolution(request))
        return [from_convolution(request, y)]
    if request.domain != "":
        raise Unsupported(f"ONNX Runtime has no domain {request.domain!r}")
    return run_node(request)


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


def _options() -> Any:
    import onnxruntime

    onnxruntime.set_default_logger_severity(4)  # kernels warn while they are made, before the session's own level
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
