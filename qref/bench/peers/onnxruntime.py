"""ONNX Runtime: Conv of float32, ConvInteger and QLinearConv of 8-bit integers, as models of one node.

Its QLinearConv multiplies the accumulator with the scale in float32 and rounds to nearest, ties to even.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qref.bench.peers.peer import Peer, Requantizing, Run
from qref.bench.peers.requantization import ZERO_POINT, output_scale, rule
from qref.conv.geometry import Geometry
from qref.engines.versions import require, version

OPERATORS = {"float32": ("Conv",), "int8": ("ConvInteger", "QLinearConv")}
OPSET = 11


def check() -> None:
    """Raises MissingExtra where it is not installed."""
    require("onnxruntime", "onnxruntime")
    require("onnx", "onnxruntime")


def prepare(
    w: NDArray[Any], geometry: Geometry, dtype: str, x_shape: tuple[int, ...], threads: int
) -> Mapping[str, Run]:
    """Sessions on `threads` threads that do not spin between runs, so that they take no time from the others."""
    runs: dict[str, Run] = {}
    for operator in OPERATORS.get(dtype, ()):
        scale = output_scale(w) if operator == "QLinearConv" else None
        run = session(one_convolution(operator, w, geometry, x_shape, scale), threads)
        runs[operator] = run if scale is None else Requantizing(run, rule(scale, ZERO_POINT, np.uint8))
    return runs


def session(model: bytes, threads: int) -> Run:
    """x → y of a model."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads, options.inter_op_num_threads = threads, 1
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    options.log_severity_level = 3
    made = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])

    def run(x: NDArray[Any]) -> NDArray[Any]:
        [y] = made.run(None, {"x": x})
        return np.asarray(y)

    return run


def one_convolution(
    operator: str, w: NDArray[Any], geometry: Geometry, x_shape: tuple[int, ...], scale: float | None = None
) -> bytes:
    """The serialized model: x → operator(x, w); scale: of the outputs of QLinearConv, all others are 1."""
    from onnx import TensorProto, helper, numpy_helper

    constants = {"w": w}
    inputs = ["x", "w"]
    if scale is not None:
        one, zero = np.float32(1), np.uint8(0)
        constants |= {"one": np.array(one), "zero": np.array(zero), "w_zero": np.array(np.int8(0))}
        constants |= {"scale": np.array(np.float32(scale)), "y_zero": np.array(np.uint8(ZERO_POINT))}
        inputs = ["x", "one", "zero", "w", "one", "w_zero", "scale", "y_zero"]
    node = helper.make_node(
        operator,
        inputs,
        ["y"],
        kernel_shape=geometry.kernel,
        strides=geometry.strides,
        dilations=geometry.dilations,
        pads=(*geometry.pads_begin, *geometry.pads_end),
        group=geometry.group,
    )
    x_type, y_type = {
        "Conv": (TensorProto.FLOAT, TensorProto.FLOAT),
        "ConvInteger": (TensorProto.UINT8, TensorProto.INT32),
        "QLinearConv": (TensorProto.UINT8, TensorProto.UINT8),
    }[operator]
    graph = helper.make_graph(
        [node],
        "convolution",
        [helper.make_tensor_value_info("x", x_type, x_shape)],
        [helper.make_tensor_value_info("y", y_type, None)],
        [numpy_helper.from_array(value, name) for name, value in constants.items()],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=8)
    serialized: bytes = model.SerializeToString()
    return serialized


def one_gemm(w: NDArray[np.float32]) -> bytes:
    """The serialized model of a fully-connected layer: x [N, K] → Gemm(x, wᵀ), w [M, K]."""
    from onnx import TensorProto, helper, numpy_helper

    graph = helper.make_graph(
        [helper.make_node("Gemm", ["x", "w"], ["y"], transB=1)],
        "product",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, [None, w.shape[1]])],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, None)],
        [numpy_helper.from_array(w, "w")],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=8)
    serialized: bytes = model.SerializeToString()
    return serialized


ONNXRUNTIME = Peer("onnxruntime", check, prepare, lambda: version("onnxruntime"))
