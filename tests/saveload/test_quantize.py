"""qref quantize: ONNX Runtime runs what is written, with the very weights that the scheme decodes to."""

import json
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime as ort
import pytest

from qref.errors import BadModel, InvalidInput, Unsupported, UsageError
from qref.numerics.philox import Stream
from qref.saveload import onnx_file
from qref.saveload.command import HEAD, Options, fast_encode, granularity, layer_inputs, quantize_command
from qref.saveload.layer_inputs import LayerInputs
from qref.saveload.quantize import quantize
from qref.saveload.schemes import SCHEMES
from qref.saveload.weights import weights

OPSETS = (11, 13, 21, 25)
WEIGHTS = {"full": 0, "depthwise": 0, "up": 1, "transposed": 0, "rows": 1, "columns": 1}  # and their axis


def run(path: Path, x: np.ndarray, optimized: bool = True) -> list[np.ndarray]:
    options = ort.SessionOptions()
    options.log_severity_level = 3
    if not optimized:
        options.graph_optimization_level = ort.GraphOptimizationLevel.ORT_DISABLE_ALL
    session = ort.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    return session.run(None, {session.get_inputs()[0].name: x})


def decoded_inside(path: Path) -> list[np.ndarray]:
    """The weights that ONNX Runtime makes of the codes, in the order of the nodes that take them."""
    model = onnx.load(path)
    nodes = [n for n in model.graph.node if n.op_type in ("Conv", "ConvTranspose", "Gemm", "MatMul") and not n.domain]
    wanted = [node.input[1] for node in nodes]
    model.graph.output.extend(onnx.ValueInfoProto(name=name) for name in wanted)
    session = ort.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    return session.run(wanted, {"x": np.zeros((1, 4, 8, 8), np.float32)})


def settings() -> list[Any]:
    """Every scheme at its least, usual and most bits, with each granularity it has, in two opsets; as usual in all."""
    found = []
    for name, scheme in SCHEMES.items():
        for bits in dict.fromkeys((scheme.usual, scheme.bits[0], scheme.bits[-1])):
            for kind in scheme.granularities:
                usual, own = bits == scheme.usual, kind == scheme.granularities[0]
                for opset in OPSETS if usual and own else (13, 21) if usual or own else ():
                    found.append(pytest.param(name, bits, kind, opset, id=f"{name}-{bits}-{kind}-{opset}"))
    return found


def options_of(model: Path, output: Path, name: str, bits: int, kind: str, **more: Any) -> Options:
    grain = {"per_channel": kind == "channel", "group": 5 if kind == "group" else None}
    if SCHEMES[name].granularities[0] == kind and kind == "tensor":
        grain = {}
    return Options(model, output, name, bits, **(grain | more))


@pytest.mark.parametrize(("name", "bits", "kind", "opset"), settings())
def test_onnx_runtime_gives_the_float_network_with_the_decoded_weights(
    network: Any, tmp_path: Path, name: str, bits: int, kind: str, opset: int
) -> None:
    source, output = network(opset), tmp_path / "quantized.onnx"
    x = np.random.default_rng(2).standard_normal((3, 4, 8, 8)).astype(np.float32)
    np.save(tmp_path / "x.npy", x)
    options = options_of(source, output, name, bits, kind, inputs=tmp_path / "x.npy")
    quantize_command(options)
    onnx.checker.check_model(str(output), full_check=True)

    decoded = decoded_by_the_reference(source, options)
    floats = onnx.load(source)
    for initializer in floats.graph.initializer:
        if initializer.name in decoded:
            initializer.CopyFrom(onnx.numpy_helper.from_array(decoded[initializer.name], initializer.name))
    onnx.save(floats, tmp_path / "floats.onnx")
    [wanted], [found] = run(tmp_path / "floats.onnx", x), run(output, x)
    np.testing.assert_allclose(found, wanted, rtol=1e-4, atol=1e-5 * np.abs(wanted).max())
    if name == "ffn":
        return  # most layers are three, without weights of the old shape
    for inside, W in zip(decoded_inside(output), decoded.values(), strict=True):
        np.testing.assert_allclose(inside, W, rtol=3e-7, atol=0)  # a fast path's scale: within its bound


def by_inputs(encode: Any) -> Any:
    """An encoder of weights and what their layer is fed with."""
    return lambda part, X: encode(part, inputs=X)


def decoded_by_the_reference(source: Path, options: Options) -> dict[str, np.ndarray]:
    """The weights of the network as the scheme's reference decodes them, by name."""
    entry, model = SCHEMES[options.scheme], onnx_file.load(source)
    scheme = entry.of(options.bits, granularity(options))
    seen = layer_inputs(options, entry, model)
    decoded = {}
    for number, weight in enumerate(weights(model)):
        given = {"stream": Stream(options.seed, number)} if entry.stream else {}
        W = weight.channels_first()
        if seen is None:
            encoded = scheme.encode(W, **given)
        else:
            # exact sums over all inputs of all groups would take minutes: tests/kernels holds the fast path to them
            encode = fast_encode if entry.together else type(scheme).encode
            encoded = seen.encoded(weight, W, by_inputs(partial(encode, scheme, **given)), entry.together)
        decoded[weight.name] = weight.as_in_the_model(encoded.decode())
    return decoded


def test_weights_are_found_by_operator_with_their_output_channels(network: Any) -> None:
    found = {weight.name: weight for weight in weights(onnx_file.load(network()))}
    assert {name: weight.axis for name, weight in found.items()} == WEIGHTS
    assert found["rows"].channels_first().shape == (7, 16)
    up = found["up"].value.const_value.numpy()  # [C, M/G, k, k], two groups
    W = found["up"].channels_first()
    assert W.shape == (8, 3, 2, 2)
    for group, m, c in np.ndindex(2, 4, 3):
        assert np.array_equal(W[4 * group + m, c], up[3 * group + c, m])
    assert np.array_equal(found["up"].as_in_the_model(W), up)


def test_what_a_layer_is_fed_with_times_its_weights_is_what_it_gives(network: Any, tmp_path: Path) -> None:
    """The windows that schemes look at, held against ONNX Runtime's own sums."""
    source, x = network(), np.random.default_rng(3).standard_normal((2, 4, 8, 8)).astype(np.float32)
    np.save(tmp_path / "x.npy", x)
    model = onnx_file.load(source)
    seen = LayerInputs.of(source, model, tmp_path / "x.npy")
    proto = onnx.load(source)
    found = weights(model)
    names = [weight.node.outputs[0].name for weight in found]
    proto.graph.output.extend(onnx.ValueInfoProto(name=name) for name in names if name != "y")
    values = ort.InferenceSession(proto.SerializeToString()).run(names, {"x": x})
    for weight, y in zip(found, values):
        columns, W = seen.columns(weight), weight.channels_first()
        sums = np.concatenate([X @ w.reshape(len(w), -1).T for X, w in zip(columns, np.split(W, len(columns)))], axis=1)
        wanted = np.moveaxis(y, 1, -1).reshape(-1, W.shape[0])
        if weight.name == "full":
            wanted = wanted - onnx.numpy_helper.to_array(proto.graph.initializer[1])
        np.testing.assert_allclose(sums, wanted, rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("name", ["lloyd-max", "logarithmic"])
def test_codebooks_stand_in_the_file_once(network: Any, tmp_path: Path, name: str) -> None:
    """Not one a group: 256 values for five weights would be fifty times the float tensor."""
    quantize_command(Options(network(13), tmp_path / "q.onnx", name, 8, group=5))
    stored = {one.name: onnx.numpy_helper.to_array(one) for one in onnx.load(tmp_path / "q.onnx").graph.initializer}
    assert stored["full.unit"].shape == (256,) and "full.codebooks" not in stored
    assert stored["full.scales"].size == 6 * -(-36 // 5)


def test_rows_say_size_and_error(network: Any) -> None:
    scheme = SCHEMES["bwn"].of()
    rows = list(quantize(onnx_file.load(network()), lambda weight, W, number: scheme.encode(W)))
    assert [row.name for row in rows] == list(WEIGHTS)
    first = rows[0]
    assert (first.op, first.shape, first.weights, first.bits) == ("Conv", (6, 4, 3, 3), 216, 216 + 6 * 32)
    W = onnx.numpy_helper.to_array(onnx.load(network()).graph.initializer[0]).astype(np.float64)
    alpha = np.abs(W).reshape(6, -1).mean(axis=1)[:, None]
    assert first.energy == pytest.approx((W**2).sum())
    assert first.error == pytest.approx(((np.abs(W.reshape(6, -1)) - alpha) ** 2).sum(), rel=1e-5)


def test_the_table_goes_to_the_terminal_and_into_a_file(
    network: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    report = tmp_path / "table.json"
    quantize_command(Options(network(), tmp_path / "out.onnx", "bwn", json=report))
    shown = capsys.readouterr().out
    assert "\x1b" not in shown
    assert shown.splitlines()[0].split() == " ".join(HEAD).split()
    assert sum(line.startswith("all ") for line in shown.splitlines()) == 1
    members = json.loads(report.read_text())
    assert [layer["name"] for layer in members["layers"]] == list(WEIGHTS)
    assert members["quantized_bytes"] == (tmp_path / "out.onnx").stat().st_size


def test_a_network_of_zeros_has_no_error(network: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    quantize_command(Options(network(zeros=True), tmp_path / "out.onnx", "bwn"))
    assert run(tmp_path / "out.onnx", np.ones((1, 4, 8, 8), np.float32))[0].any() == np.False_
    assert "nan" not in capsys.readouterr().out


def test_what_cannot_be_done_is_refused_and_nothing_is_written(network: Any, tmp_path: Path) -> None:
    source, output = network(), tmp_path / "out.onnx"
    with pytest.raises(UsageError, match=r"no scheme nothing: .*bwn"):
        quantize_command(Options(source, output, "nothing"))
    with pytest.raises(UsageError, match="1 bits, not 3"):
        quantize_command(Options(source, output, "bwn", 3))
    with pytest.raises(UsageError, match="the model itself"):
        quantize_command(Options(source, source, "bwn"))
    with pytest.raises(UsageError, match="exclude"):
        quantize_command(Options(source, output, "bwn", per_channel=True, group=4))
    with pytest.raises(BadModel, match="no such file"):
        quantize_command(Options(tmp_path / "none.onnx", output, "bwn"))
    for content in (b"", b"nonsense", source.read_bytes()[:-100]):
        (tmp_path / "bad.onnx").write_bytes(content)
        with pytest.raises(BadModel, match="no ONNX model"):
            quantize_command(Options(tmp_path / "bad.onnx", output, "bwn"))
    with pytest.raises(BadModel, match="cannot be written"):
        quantize_command(Options(source, tmp_path / "missing" / "out.onnx", "bwn"))
    assert not output.exists()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["bad.onnx", "network.onnx"]


def test_old_opsets_empty_models_and_weights_that_are_not_finite_are_refused(network: Any, tmp_path: Path) -> None:
    output = tmp_path / "out.onnx"
    with pytest.raises(Unsupported, match="full: the model has opset 9"):
        quantize_command(Options(network(9), output, "bwn"))
    text = '<ir_version: 7, opset_import: ["" : 13]> g (float[2] x) => (float[2] y) { y = Relu (x) }'
    onnx.save(onnx.parser.parse_model(text), tmp_path / "relu.onnx")
    with pytest.raises(BadModel, match="no constant float32 weights"):
        quantize_command(Options(tmp_path / "relu.onnx", output, "bwn"))
    model = onnx.load(network())
    W = onnx.numpy_helper.to_array(model.graph.initializer[2]).copy()
    W[3, 0, 1, 2] = np.nan
    model.graph.initializer[2].CopyFrom(onnx.numpy_helper.from_array(W, "depthwise"))
    onnx.save(model, tmp_path / "nan.onnx")
    with pytest.raises(InvalidInput, match=r"depthwise: W\[3, 0, 1, 2\] is nan"):
        quantize_command(Options(tmp_path / "nan.onnx", output, "bwn"))
    assert not output.exists()
