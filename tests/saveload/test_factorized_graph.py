"""A layer rewritten as three: ONNX Runtime computes what the factorized layer's reference does."""

from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime as ort
import pytest
from onnx import TensorProto, helper, numpy_helper

from qref.conv.geometry import Geometry
from qref.errors import Unsupported
from qref.quantizers.factorized_layer import convolution, product
from qref.quantizers.semidiscrete import FixedPointFactorized
from qref.saveload import onnx_file
from qref.saveload.decoding import Decoding
from qref.saveload.factorized_graph import rewrite
from qref.saveload.functions import add_functions
from qref.saveload.weights import weights

RANDOM = np.random.default_rng(7)


def model_of(path: Path, op: str, W: np.ndarray, x: tuple[int, ...], bias: bool, opset: int, **attributes: Any) -> Path:
    """A network of one layer and a Relu."""
    names, tensors = ["x", "W"], [numpy_helper.from_array(W, "W")]
    if bias:
        M = W.shape[1] if op == "Gemm" and not attributes.get("transB") else W.shape[0]
        tensors.append(numpy_helper.from_array(RANDOM.standard_normal(M).astype(np.float32), "B"))
        names.append("B")
    nodes = [helper.make_node(op, names, ["h"], **attributes), helper.make_node("Relu", ["h"], ["y"])]
    graph = helper.make_graph(
        nodes,
        "g",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, x)],
        [
            helper.make_tensor_value_info("y", TensorProto.FLOAT, [None] * len(x)),
            helper.make_tensor_value_info("h", TensorProto.FLOAT, [None] * len(x)),
        ],
        tensors,
    )
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)], ir_version=8), path)
    return path


def computed(path: Path, x: np.ndarray) -> np.ndarray:
    return ort.InferenceSession(str(path), providers=["CPUExecutionProvider"]).run(["h"], {"x": x})[0]


LAYERS = [
    ("Conv", (4, 3, 3, 3), (2, 3, 7, 6), True, {"pads": [1, 0, 2, 1], "strides": [2, 1]}),
    ("Conv", (3, 2, 2, 3), (1, 2, 8, 9), False, {"dilations": [2, 3], "kernel_shape": [2, 3]}),
    ("Conv", (5, 3, 3), (2, 3, 11), True, {"pads": [1, 1]}),
    ("Conv", (2, 6, 1, 1), (1, 6, 4, 4), True, {}),
    ("Conv", (3, 1, 2, 2, 2), (1, 1, 4, 3, 5), True, {}),
    ("Conv", (4, 2, 3, 3), (1, 2, 5, 5), True, {"auto_pad": "SAME_UPPER", "strides": [2, 2]}),
    ("Gemm", (5, 8), (3, 8), True, {"transB": 1}),
    ("Gemm", (8, 5), (3, 8), True, {"alpha": 0.5, "beta": 2.0}),
    ("Gemm", (8, 5), (8, 3), False, {"transA": 1}),
    ("MatMul", (8, 5), (2, 3, 8), False, {}),
]


@pytest.mark.parametrize("opset", [11, 21])
@pytest.mark.parametrize(("op", "shape", "image", "bias", "attributes"), LAYERS)
def test_a_layer_becomes_three_that_compute_the_same(
    tmp_path: Path, op: str, shape: tuple[int, ...], image: tuple[int, ...], bias: bool, attributes: Any, opset: int
) -> None:
    W, x = (RANDOM.standard_normal(s).astype(np.float32) for s in (shape, image))
    model = onnx_file.load(model_of(tmp_path / "m.onnx", op, W, image, bias, opset, **attributes))
    [weight] = weights(model)
    layer = FixedPointFactorized().encode(weight.channels_first())
    new = Decoding("W", opset)
    rewrite(weight, layer, new)
    add_functions(model, new.functions, opset)
    onnx_file.save(model, tmp_path / "three.onnx")
    onnx.checker.check_model(str(tmp_path / "three.onnx"), full_check=True)

    written = onnx.load(tmp_path / "three.onnx")
    computing = [node.op_type for node in written.graph.node if not any(f".{one}." in node.output[0] for one in "XY")]
    assert computing == [op, "Mul", op, "Relu"]
    stored = {t.name: t for t in written.graph.initializer}
    assert set(stored) >= {"W.X.packed", "W.D", "W.Y.packed"} and "W" not in stored
    assert len(stored["W.X.packed"].raw_data) == -(-2 * layer.X.size // 8)  # two bits a code
    found = computed(tmp_path / "three.onnx", x)

    whole = onnx.load(tmp_path / "m.onnx")
    decoded = weight.as_in_the_model(layer.decode())
    next(t for t in whole.graph.initializer if t.name == "W").CopyFrom(numpy_helper.from_array(decoded, "W"))
    onnx.save(whole, tmp_path / "decoded.onnx")
    assert np.allclose(found, computed(tmp_path / "decoded.onnx", x), rtol=1e-4, atol=1e-4)
    if op == "MatMul":
        golden = product(layer, x.reshape(-1, x.shape[-1]).T).T
        assert np.allclose(found.reshape(golden.shape), golden, rtol=1e-5, atol=1e-5)
    if op == "Conv" and "auto_pad" not in attributes:
        n = len(shape) - 2
        pads = attributes.get("pads", [0] * 2 * n)
        strides, dilations = (tuple(attributes.get(name, [1] * n)) for name in ("strides", "dilations"))
        lie = Geometry(shape[2:], strides, dilations, tuple(pads[:n]), tuple(pads[n:]))
        B = next((numpy_helper.to_array(t) for t in whole.graph.initializer if t.name == "B"), None)
        assert np.allclose(found, convolution(layer, x, lie, B), rtol=1e-5, atol=1e-5)


def test_what_has_no_three_steps_is_refused(tmp_path: Path) -> None:
    W = RANDOM.standard_normal((4, 1, 3, 3)).astype(np.float32)
    model = onnx_file.load(model_of(tmp_path / "m.onnx", "Conv", W, (1, 4, 5, 5), False, 13, group=4))
    [weight] = weights(model)
    with pytest.raises(Unsupported, match="4 groups"):
        rewrite(weight, FixedPointFactorized().encode(W), Decoding("W", 13))
    W = RANDOM.standard_normal((2, 3, 2, 2)).astype(np.float32)
    model = onnx_file.load(model_of(tmp_path / "t.onnx", "ConvTranspose", W, (1, 2, 5, 5), False, 13))
    [weight] = weights(model)
    with pytest.raises(Unsupported, match="ConvTranspose"):
        rewrite(weight, FixedPointFactorized().encode(weight.channels_first()), Decoding("W", 13))
    W = RANDOM.standard_normal((2, 4, 3)).astype(np.float32)
    model = onnx_file.load(model_of(tmp_path / "s.onnx", "MatMul", W, (2, 5, 4), False, 13))
    [weight] = weights(model)
    with pytest.raises(Unsupported, match="stack"):
        rewrite(weight, FixedPointFactorized().encode(weight.channels_first()), Decoding("W", 13))


def test_an_old_opset_is_refused(tmp_path: Path) -> None:
    W = RANDOM.standard_normal((4, 2, 1, 1)).astype(np.float32)
    model = onnx_file.load(model_of(tmp_path / "m.onnx", "Conv", W, (1, 2, 3, 3), False, 9))
    [weight] = weights(model)
    with pytest.raises(Unsupported, match="opset 9"):
        rewrite(weight, FixedPointFactorized().encode(W), Decoding("W", 9))
