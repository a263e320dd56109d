"""A layer rewritten as several of lower rank: ONNX Runtime computes what it does with the reconstructed weights."""

from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime as ort
import pytest
from onnx import TensorProto, helper, numpy_helper

from qref.compression.low_rank import RECONSTRUCT
from qref.errors import InvalidInput, Unsupported
from qref.saveload import onnx_file
from qref.saveload.decoding import Decoding, fresh, names
from qref.saveload.low_rank_graph import NAMES, Energy, Rank, Speed, Target, low_rank, rewrite, work
from qref.saveload.weights import weights

RANDOM = np.random.default_rng(11)


def model_of(path: Path, op: str, W: np.ndarray, x: tuple[int, ...], bias: bool, opset: int, **attributes: Any) -> Path:
    """A network of one layer and a Relu."""
    inputs, tensors = ["x", "W"], [numpy_helper.from_array(W, "W")]
    if bias:
        M = W.shape[1] if op == "Gemm" and not attributes.get("transB") else W.shape[0]
        tensors.append(numpy_helper.from_array(RANDOM.standard_normal(M).astype(np.float32), "B"))
        inputs.append("B")
    nodes = [helper.make_node(op, inputs, ["h"], **attributes), helper.make_node("Relu", ["h"], ["y"])]
    outputs = [helper.make_tensor_value_info(name, TensorProto.FLOAT, [None] * len(x)) for name in ("y", "h")]
    given = [helper.make_tensor_value_info("x", TensorProto.FLOAT, x)]
    graph = helper.make_graph(nodes, "g", given, outputs, tensors)
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)], ir_version=8), path)
    return path


def computed(path: Path, x: np.ndarray) -> np.ndarray:
    return ort.InferenceSession(str(path), providers=["CPUExecutionProvider"]).run(["h"], {"x": x})[0]


GEOMETRIES: list[tuple[tuple[int, ...], tuple[int, ...], dict[str, Any]]] = [
    ((12, 9, 3, 3), (2, 9, 7, 6), {"pads": [1, 0, 2, 1], "strides": [2, 1]}),
    ((12, 9, 3, 3), (1, 9, 11, 8), {"pads": [0, 1, 1, 3], "strides": [1, 3], "dilations": [2, 1]}),
    ((10, 12, 2, 3), (1, 12, 8, 9), {"dilations": [2, 3], "kernel_shape": [2, 3]}),
    ((12, 12, 5, 5), (1, 12, 6, 7), {"pads": [2, 2, 2, 2]}),
    ((12, 10, 3, 3), (1, 10, 5, 6), {"auto_pad": "SAME_UPPER", "strides": [2, 2]}),
    ((12, 10, 3, 2), (1, 10, 6, 5), {"auto_pad": "SAME_LOWER", "strides": [1, 2]}),
    ((12, 10, 3, 3), (1, 10, 5, 6), {"auto_pad": "VALID"}),
]
CASES = [
    (method, "Conv", shape, image, bool(i % 2), attributes)
    for method in ("channel", "spatial", "tucker2", "cp")
    for i, (shape, image, attributes) in enumerate(GEOMETRIES)
] + [
    ("channel", "Conv", (8, 12, 1, 1), (1, 12, 4, 4), True, {"strides": [2, 2]}),
    ("cp", "Conv", (8, 9, 1, 3), (1, 9, 4, 4), True, {"pads": [0, 1, 0, 1]}),
    *((m, "Conv", (9, 9, 3), (2, 9, 11), True, {"pads": [1, 2], "strides": [2]}) for m in ("channel", "tucker2", "cp")),
    ("channel", "Conv", (6, 6, 2, 3, 2), (1, 6, 4, 3, 5), True, {"pads": [1, 0, 0, 0, 1, 1]}),
    ("tucker2", "Conv", (6, 6, 2, 3, 2), (1, 6, 4, 3, 5), True, {"pads": [1, 0, 0, 0, 1, 1], "strides": [1, 2, 1]}),
    ("svd", "Gemm", (10, 12), (3, 12), True, {"transB": 1}),
    ("svd", "Gemm", (12, 10), (3, 12), True, {"alpha": 0.5, "beta": 2.0}),
    ("svd", "Gemm", (12, 10), (12, 3), False, {"transA": 1}),
    ("svd", "MatMul", (12, 10), (2, 3, 12), False, {}),
]  # fmt: skip


@pytest.mark.requirement("QREF-LR-012")
@pytest.mark.parametrize(("method", "op", "shape", "image", "bias", "attributes"), CASES)
def test_layers_in_the_place_of_one_compute_the_same(
    tmp_path: Path, method: str, op: str, shape: tuple[int, ...], image: tuple[int, ...], bias: bool, attributes: Any
) -> None:
    W, x = (RANDOM.standard_normal(s).astype(np.float32) for s in (shape, image))
    model = onnx_file.load(model_of(tmp_path / "m.onnx", op, W, image, bias, 13, **attributes))
    [weight] = weights(model)
    factors = low_rank(weight, method, Rank((2, 3) if method == "tucker2" else (2,)))
    assert factors is not None
    before, after = work(weight, factors)
    assert after < before == W.size
    decoded = weight.as_in_the_model(RECONSTRUCT[method](*factors.tensors))
    new = Decoding(fresh(weight.name, names(model)), 13)
    rewrite(weight, factors, new)
    onnx_file.save(model, tmp_path / "several.onnx")
    onnx.checker.check_model(str(tmp_path / "several.onnx"), full_check=True)
    written = onnx.load(tmp_path / "several.onnx")
    assert [node.op_type for node in written.graph.node] == [op] * len(factors.tensors) + ["Relu"]
    assert {t.name for t in written.graph.initializer} - {"B"} <= {f"W.{name}" for name in NAMES[method]}
    assert [weight.count for weight in weights(model)] == [factor.size for factor in factors.tensors]

    whole = onnx.load(tmp_path / "m.onnx")
    next(t for t in whole.graph.initializer if t.name == "W").CopyFrom(numpy_helper.from_array(decoded, "W"))
    onnx.save(whole, tmp_path / "decoded.onnx")
    wanted = computed(tmp_path / "decoded.onnx", x)
    assert np.abs(computed(tmp_path / "several.onnx", x) - wanted).max() <= 1e-5 * np.abs(wanted).max()


@pytest.mark.requirement("QREF-LR-012")
def test_layers_that_would_save_nothing_stay(tmp_path: Path) -> None:
    W = RANDOM.standard_normal((6, 5, 3, 3)).astype(np.float32)
    [weight] = weights(onnx_file.load(model_of(tmp_path / "m.onnx", "Conv", W, (1, 5, 6, 6), False, 13)))
    for method in ("channel", "spatial", "tucker2"):
        assert low_rank(weight, method, Energy(1.0)) is None
    assert low_rank(weight, "channel", Rank((6,))) is None
    assert low_rank(weight, "spatial", Speed(300.0)) is None
    assert low_rank(weight, "svd", Rank((1,))) is None
    assert low_rank(weight, "tucker2", Rank((6, 1))) is None  # more than there are input channels
    assert work(weight, None) == (270, 270)
    grouped = RANDOM.standard_normal((6, 1, 3, 3)).astype(np.float32)
    model = onnx_file.load(model_of(tmp_path / "g.onnx", "Conv", grouped, (1, 6, 6, 6), False, 13, group=6))
    assert low_rank(weights(model)[0], "channel", Rank((1,))) is None


def test_targets(tmp_path: Path) -> None:
    W = RANDOM.standard_normal((12, 10, 3, 3)).astype(np.float32)
    [weight] = weights(onnx_file.load(model_of(tmp_path / "m.onnx", "Conv", W, (1, 10, 6, 6), False, 13)))
    for method in ("channel", "spatial", "tucker2", "cp"):
        factors = low_rank(weight, method, Speed(2.0))
        assert factors is not None
        before, after = work(weight, factors)
        assert 0.8 * before < 2 * after <= before
    sigma = np.linalg.svd(W.reshape(12, -1), compute_uv=False) ** 2
    factors = low_rank(weight, "channel", Energy(0.6))
    assert factors is not None
    [r] = factors.ranks
    assert sigma[:r].sum() >= 0.6 * sigma.sum() > sigma[: r - 1].sum()
    with pytest.raises(Unsupported, match="no singular values"):
        low_rank(weight, "cp", Energy(0.5))
    with pytest.raises(InvalidInput, match="energy is"):
        low_rank(weight, "channel", Energy(1.5))
    with pytest.raises(InvalidInput, match="speed is -1"):
        low_rank(weight, "channel", Speed(-1.0))


def test_a_gemm_of_an_old_opset_is_refused(tmp_path: Path) -> None:
    W = RANDOM.standard_normal((12, 10)).astype(np.float32)
    [weight] = weights(onnx_file.load(model_of(tmp_path / "m.onnx", "Gemm", W, (3, 12), True, 9)))
    factors = low_rank(weight, "svd", Rank((2,)))
    assert factors is not None
    with pytest.raises(Unsupported, match="opset 9"):
        rewrite(weight, factors, Decoding("W", 9))


def test_factors_of_another_kind_of_layer_are_refused(tmp_path: Path) -> None:
    W = RANDOM.standard_normal((12, 10)).astype(np.float32)
    [weight] = weights(onnx_file.load(model_of(tmp_path / "m.onnx", "MatMul", W, (3, 12), False, 13)))
    factors = low_rank(weight, "svd", Rank((2,)))
    assert factors is not None
    W = RANDOM.standard_normal((12, 10, 1, 1)).astype(np.float32)
    [conv] = weights(onnx_file.load(model_of(tmp_path / "c.onnx", "Conv", W, (1, 10, 3, 3), False, 13)))
    with pytest.raises(Unsupported, match="by svd"):
        rewrite(conv, factors, Decoding("W", 13))


@pytest.mark.parametrize(("method", "target"), [("channel", Energy(0.9)), ("tucker2", Energy(0.9)), ("cp", Rank((2,)))])
def test_weights_that_are_not_finite_are_refused(tmp_path: Path, method: str, target: Target) -> None:
    W = np.full((12, 10, 3, 3), np.nan, np.float32)
    path = model_of(tmp_path / "m.onnx", "Conv", W, (1, 10, 5, 5), False, 17)
    (weight,) = weights(onnx_file.load(path))
    with pytest.raises(InvalidInput, match=r"W\[0, 0, 0, 0\] is nan"):
        low_rank(weight, method, target)


def test_factors_beyond_float32_are_refused(tmp_path: Path) -> None:
    W = np.full((12, 10, 3, 3), 3e38, np.float32)
    path = model_of(tmp_path / "m.onnx", "Conv", W, (1, 10, 5, 5), False, 17)
    (weight,) = weights(onnx_file.load(path))
    with pytest.raises(Unsupported, match="W: factors by tucker2 leave float32's range"):
        low_rank(weight, "tucker2", Rank((2, 2)))
