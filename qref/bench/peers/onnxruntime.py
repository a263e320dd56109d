"""ONNX Runtime: Conv of float32, ConvInteger of 8-bit integers, as a model of one node whose weights are constant."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from qref.bench.peers.peer import Peer, Run
from qref.conv.geometry import Geometry
from qref.engines.versions import require

OPERATORS = {"float32": "Conv", "int8": "ConvInteger"}
OPSET = 11


def check() -> None:
    """Raises MissingExtra where it is not installed."""
    require("onnxruntime", "onnxruntime")
    require("onnx", "onnxruntime")


def prepare(w: NDArray[Any], geometry: Geometry, dtype: str, x_shape: tuple[int, ...], threads: int) -> dict[str, Run]:
    """A session on `threads` threads that do not spin between runs, so that they take no time from the others."""
    if dtype not in OPERATORS:
        return {}
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads, options.inter_op_num_threads = threads, 1
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    options.log_severity_level = 3
    model = one_convolution(OPERATORS[dtype], w, geometry, x_shape)
    session = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])

    def run(x: NDArray[Any]) -> NDArray[Any]:
        [y] = session.run(None, {"x": x})
        return np.asarray(y)

    return {OPERATORS[dtype]: run}


def one_convolution(operator: str, w: NDArray[Any], geometry: Geometry, x_shape: tuple[int, ...]) -> bytes:
    """The serialized model: x → operator(x, w)."""
    from onnx import TensorProto, helper, numpy_helper

    integer = operator == "ConvInteger"
    node = helper.make_node(
        operator,
        ["x", "w"],
        ["y"],
        kernel_shape=geometry.kernel,
        strides=geometry.strides,
        dilations=geometry.dilations,
        pads=(*geometry.pads_begin, *geometry.pads_end),
        group=geometry.group,
    )
    x_type, y_type = (TensorProto.UINT8, TensorProto.INT32) if integer else (TensorProto.FLOAT, TensorProto.FLOAT)
    graph = helper.make_graph(
        [node],
        "convolution",
        [helper.make_tensor_value_info("x", x_type, x_shape)],
        [helper.make_tensor_value_info("y", y_type, None)],
        [numpy_helper.from_array(w, "w")],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=8)
    serialized: bytes = model.SerializeToString()
    return serialized


ONNXRUNTIME = Peer("onnxruntime", check, prepare)
