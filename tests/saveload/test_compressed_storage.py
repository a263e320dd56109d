"""Relative indices and Huffman's code inside ONNX models: ONNX Runtime makes of them what `decode` gives, at load."""

from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnx_ir as ir
import onnxruntime as ort
import pytest

from qref.compression.huffman_coded import HuffmanCoded
from qref.compression.magnitude_pruning import keep_largest
from qref.compression.relative_index import sparse
from qref.quantizers import CHANNEL, TENSOR
from qref.quantizers.encoded import Coded, Encoded, Scaled, Symbols
from qref.saveload import onnx_file
from qref.saveload.decoding import Decoding
from qref.saveload.functions import add_functions
from qref.saveload.huffman_nodes import BLOCK
from qref.saveload.quantize import quantize
from qref.saveload.schemes import SCHEMES
from qref.saveload.symbol_nodes import unpacked
from tools.networks import text_direction
from tools.run_onnx import run

OPSETS = (11, 13, 17, 21)


def loaded(model: bytes, tmp_path: Path) -> tuple[Any, Any]:
    """A session, and the model as ONNX Runtime has optimized it: what is folded is an initializer there."""
    options = ort.SessionOptions()
    options.log_severity_level = 3
    options.optimized_model_filepath = str(tmp_path / "optimized.onnx")
    session = ort.InferenceSession(model, options, providers=["CPUExecutionProvider"])
    return session, onnx.load(tmp_path / "optimized.onnx")


def run_stream(stream: Symbols, opset: int, signed: bool, tmp_path: Path) -> np.ndarray:
    """The codes that ONNX Runtime reads from a stream, times 1."""
    decoding = Decoding("w", opset, huffman=True)
    codes = unpacked(stream, decoding, signed)
    x = ir.Value(name="x", type=ir.TensorType(ir.DataType.FLOAT), shape=ir.Shape([1, 1]))
    y = decoding.node("y", "Mul", [codes, x])
    y.type, y.shape = ir.TensorType(ir.DataType.FLOAT), ir.Shape([stream.values.size, 1])
    graph = ir.Graph(
        [x], [y], nodes=decoding.nodes, initializers=decoding.tensors, opset_imports={"": opset}, name="stream"
    )
    model = ir.Model(graph, ir_version=8)
    add_functions(model, decoding.functions, opset)
    proto = ir.to_proto(model)
    onnx.checker.check_model(proto, full_check=True)
    session, optimized = loaded(proto.SerializeToString(), tmp_path)
    assert [node.op_type for node in optimized.graph.node] == ["Mul"]  # all else was folded
    return session.run(None, {"x": np.ones((1, 1), np.float32)})[0].reshape(-1)


@pytest.mark.requirement("QREF-ST-014")
@pytest.mark.parametrize("opset", OPSETS)
@pytest.mark.parametrize("width", range(1, 9))
def test_onnx_runtime_reads_the_symbols_of_every_width(opset: int, width: int, tmp_path: Path) -> None:
    rng = np.random.default_rng(width)
    symbols = np.minimum(rng.geometric(0.3, 3000) - 1, (1 << width) - 1).astype(np.uint8)
    stream = Symbols(symbols, width)
    np.testing.assert_array_equal(run_stream(stream, opset, False, tmp_path), symbols)
    signed = run_stream(stream, opset, True, tmp_path)
    if width == 1:
        wanted = 2.0 * symbols - 1
    else:
        wanted = symbols.astype(np.float64) - (symbols >= 1 << width - 1) * float(1 << width)
    np.testing.assert_array_equal(signed, wanted)


@pytest.mark.parametrize("count", [1, 2, 31, 32, 33, BLOCK - 1, BLOCK, BLOCK + 1, 2 * BLOCK + 7])
@pytest.mark.parametrize("values", [1, 2, 256])
def test_streams_of_every_length(count: int, values: int, tmp_path: Path) -> None:
    symbols = np.random.default_rng(count).integers(0, values, count).astype(np.uint8)
    np.testing.assert_array_equal(run_stream(Symbols(symbols, 8), 13, False, tmp_path), symbols)


def test_codewords_of_fifteen_bits(tmp_path: Path) -> None:
    """Counts that grow as Fibonacci's make the deepest tree; the last symbols of the stream have the longest words."""
    fibonacci = [1, 1]
    while len(fibonacci) < 20:
        fibonacci.append(sum(fibonacci[-2:]))
    symbols = np.repeat(np.arange(20, dtype=np.uint8), fibonacci)[::-1]
    np.testing.assert_array_equal(run_stream(Symbols(symbols, 5), 13, False, tmp_path), symbols)


def decoded_inside(path: Path, tmp_path: Path, names: list[str]) -> list[np.ndarray]:
    """The weights that ONNX Runtime makes, all of which it folds."""
    model = onnx.load(path)
    nodes = [n for n in model.graph.node if n.op_type in ("Conv", "ConvTranspose", "Gemm", "MatMul") and not n.domain]
    wanted = [node.input[1] for node in nodes]
    model.graph.output.extend(onnx.ValueInfoProto(name=name) for name in wanted)
    session, optimized = loaded(model.SerializeToString(), tmp_path)
    left = {node.op_type for node in optimized.graph.node}
    assert not left & {"ScatterElements", "GatherElements", "CumSum", "Gather", "DequantizeLinear"}
    assert len(wanted) == len(names)
    return session.run(wanted, {"x": np.zeros((1, 4, 8, 8), np.float32)})


def written(source: Path, output: Path, encode: Any) -> dict[str, np.ndarray]:
    """Writes the model with encoded weights; what they decode to, by name."""
    model, decoded = onnx_file.load(source), {}

    def kept(weight: Any, W: np.ndarray, number: int) -> Encoded:
        encoded = encode(W, weight)
        assert encoded.bits == 8 * len(encoded.packed())
        decoded[weight.name] = weight.as_in_the_model(encoded.decode())
        return encoded

    list(quantize(model, kept))
    onnx_file.save(model, output)
    onnx.checker.check_model(str(output), full_check=True)
    return decoded


def pruned(W: np.ndarray, part: float) -> np.ndarray:
    return np.where(np.abs(W) > np.quantile(np.abs(W), part), W, np.float32(0)) if part else W


NEAREST = {"uniform": 8, "lloyd-max": 4, "logarithmic": 4, "ternary": 2}


@pytest.mark.requirement("QREF-ST-015")
@pytest.mark.parametrize("opset", OPSETS)
@pytest.mark.parametrize("huffman", [False, True])
@pytest.mark.parametrize("values", ["float32", *NEAREST])
@pytest.mark.parametrize("part", [0.0, 0.8, 1.0])
def test_a_relative_index_is_decoded_bit_for_bit(
    network: Any, tmp_path: Path, opset: int, huffman: bool, values: str, part: float
) -> None:
    def encode(W: np.ndarray, weight: Any) -> Encoded:
        scheme = None if values == "float32" else SCHEMES[values].of(NEAREST[values], TENSOR).encode
        found = sparse(pruned(W, part), None, scheme, 3)
        return HuffmanCoded(found) if huffman else found

    decoded = written(network(opset), tmp_path / "compressed.onnx", encode)
    inside = decoded_inside(tmp_path / "compressed.onnx", tmp_path, list(decoded))
    for found, W in zip(inside, decoded.values(), strict=True):
        assert np.abs(W).max() > 0 or part == 1
        np.testing.assert_array_equal(found.view(np.uint32), W.view(np.uint32))


@pytest.mark.requirement("QREF-ST-014")
@pytest.mark.parametrize("opset", OPSETS)
@pytest.mark.parametrize("width", range(1, 9))
def test_codes_with_scales_and_codebooks_are_decoded_bit_for_bit(
    network: Any, tmp_path: Path, opset: int, width: int
) -> None:
    """Scales in the tensors of axis 0, a codebook a channel in the others."""
    rng = np.random.default_rng(width)

    def encode(W: np.ndarray, weight: Any) -> Encoded:
        if weight.axis:
            codes = rng.integers(0, 1 << width, W.shape).astype(np.uint8)
            return HuffmanCoded(Coded(codes, rng.random((W.shape[0], 1 << width), np.float32), CHANNEL, width))
        signs = width == 1
        codes = (
            rng.integers(0, 2, W.shape) * 2 - 1 if signs else rng.integers(-(1 << width - 1), 1 << width - 1, W.shape)
        )
        return HuffmanCoded(Scaled(codes.astype(np.int8), rng.random(W.shape[0], np.float32), CHANNEL, width))

    decoded = written(network(opset), tmp_path / "compressed.onnx", encode)
    inside = decoded_inside(tmp_path / "compressed.onnx", tmp_path, list(decoded))
    for found, W in zip(inside, decoded.values(), strict=True):
        np.testing.assert_array_equal(found, W)


@pytest.mark.slow
@pytest.mark.requirement("QREF-ST-015")
@pytest.mark.parametrize("part", [0.5, 0.8])
def test_a_trained_network_runs_as_its_decoded_weights_do(tmp_path: Path, part: float) -> None:
    """RapidOCR's classifier: 16 values a layer, relative index, Huffman; the file holds what is claimed, and names."""
    try:
        source = text_direction()
    except ModuleNotFoundError as error:
        pytest.skip(f"not installed: {error}")
    claimed = 0

    def encode(W: np.ndarray, weight: Any) -> Encoded:
        nonlocal claimed
        scheme = SCHEMES["lloyd-max"].of(4, TENSOR).encode
        found = HuffmanCoded(sparse(W, keep_largest(W, part), scheme, 5 if weight.node.op_type == "MatMul" else 8))
        claimed += found.bits // 8
        return found

    decoded = written(source, tmp_path / "compressed.onnx", encode)
    floats = onnx.load(source)  # its weights are Constant nodes
    for node in floats.graph.node:
        if node.op_type == "Constant" and node.output[0] in decoded:
            node.attribute[0].t.CopyFrom(onnx.numpy_helper.from_array(decoded[node.output[0]]))
    onnx.save(floats, tmp_path / "floats.onnx")
    weights = sum(W.nbytes for W in decoded.values())
    rest = source.stat().st_size - weights
    size = (tmp_path / "compressed.onnx").stat().st_size
    assert claimed < (0.1 if part == 0.5 else 0.06) * weights
    assert claimed <= size - rest <= claimed + 3200 * len(decoded)
    x = np.random.default_rng(1).standard_normal((1, 3, 48, 192)).astype(np.float32)
    [wanted], [y] = run(tmp_path / "floats.onnx", x), run(tmp_path / "compressed.onnx", x)
    np.testing.assert_array_equal(y, wanted)
