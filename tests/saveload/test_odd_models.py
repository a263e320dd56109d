"""Weights in odd places: outputs, defaults of inputs, branches, files beside the model; and names that are taken."""

import os
import sys
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from onnx import helper, numpy_helper
from onnxruntime import InferenceSession

from qref.errors import BadModel, MissingExtra, Unsupported, UsageError
from qref.figures.histograms import activations_of
from qref.saveload import onnx_file
from qref.saveload.command import Options, encoder, quantize_command
from qref.saveload.layer_inputs import LayerInputs
from qref.saveload.weights import weights

RANDOM = np.random.default_rng(11)
X = np.abs(RANDOM.standard_normal((4, 4)).astype(np.float32))
CONDITION = "yes = Constant <value = bool {1}> ()"
MODELS = {
    "an output": "g (float[4, 4] x) => (float[4, 4] y, float[4, 4] w) { y = MatMul (x, w) }",
    "an output behind Identity": "g (float[4, 4] x) => (float[4, 4] y, float[4, 4] v) "
    "{ v = Identity (w) y = MatMul (x, v) }",
    "the default of an input": "g (float[4, 4] x, float[4, 4] w) => (float[4, 4] y) { y = MatMul (x, w) }",
    "two nodes": "g (float[4, 4] x) => (float[4, 4] y) { a = MatMul (x, w) y = Gemm <transB = 1> (a, w) }",
    "an addend too": "g (float[4, 4] x) => (float[4, 4] y) { a = MatMul (x, w) y = Add (a, w) }",
    "outside a branch": f"g (float[4, 4] x) => (float[4, 4] y) {{ {CONDITION} y = If (yes) <"
    "then_branch = t () => (float[4, 4] a) { a = MatMul (x, w) }, "
    "else_branch = e () => (float[4, 4] b) { b = MatMul (w, x) }> }",
    "one of a name taken": 'g (float[4, 4] x) => (float[4, 4] y) { "w.packed" = Relu (x) '
    '"w.codes" = MatMul ("w.packed", w) w_ = Relu ("w.codes") "w_.scales" = Relu (w_) y = Relu ("w_.scales") }',
    "of the domain ai.onnx": "g (float[4, 4] x) => (float[4, 4] y) { y = ai.onnx.MatMul (x, w) }",
}  # fmt: skip
SCHEMES = [("bwn", None), ("ffn", None), ("lloyd-max", None), ("optimal-scale", 8), ("optimal-scale", 4)]


def parsed(text: str, opset: int = 21) -> Any:
    head = f'<ir_version: 10, opset_import: ["" : {opset}]>'
    model = onnx.parser.parse_model(f"{head} {text}")
    model.graph.initializer.append(numpy_helper.from_array(RANDOM.standard_normal((4, 4)).astype(np.float32), "w"))
    return model


def ran(model: Any, x: np.ndarray = X) -> list[np.ndarray]:
    return InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"]).run(None, {"x": x})


def with_decoded(graph: Any, decoded: dict[str, np.ndarray]) -> None:
    """Other values in the initializers named, those of branches too."""
    for one in graph.initializer:
        if one.name in decoded:
            one.CopyFrom(numpy_helper.from_array(decoded[one.name], one.name))
    for node in graph.node:
        for attribute in node.attribute:
            if attribute.HasField("g"):
                with_decoded(attribute.g, decoded)


def holds(source: Path, output: Path, scheme: str, bits: int | None) -> None:
    """Quantizes; ONNX Runtime gives what it gives for the float network with the decoded weights."""
    options = Options(source, output, scheme, bits)
    quantize_command(options)
    onnx.checker.check_model(str(output), full_check=True)
    model = onnx_file.load(source)
    encode = encoder(options, model)
    found = weights(model)
    decoded = {w.name: w.as_in_the_model(encode(w, w.channels_first(), i).decode()) for i, w in enumerate(found)}
    assert decoded
    floats = onnx.load(source)
    with_decoded(floats.graph, decoded)
    written = onnx.load(output)
    assert [value.name for value in written.graph.output] == [value.name for value in floats.graph.output]
    for y, wanted in zip(ran(written), ran(floats), strict=True):
        np.testing.assert_allclose(y, wanted, rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize(("scheme", "bits"), SCHEMES)
@pytest.mark.parametrize("place", MODELS)
def test_a_weight_that_is(tmp_path: Path, place: str, scheme: str, bits: int | None) -> None:
    onnx.save(parsed(MODELS[place]), tmp_path / "m.onnx")
    holds(tmp_path / "m.onnx", tmp_path / "q.onnx", scheme, bits)


@pytest.mark.parametrize(("scheme", "bits"), SCHEMES)
def test_branches_with_weights_of_their_own_and_the_same_name(tmp_path: Path, scheme: str, bits: int | None) -> None:
    model = parsed(MODELS["outside a branch"].replace("(w, x)", "(x, w)"))
    del model.graph.initializer[:]
    W = [RANDOM.standard_normal((4, 4)).astype(np.float32) for _ in range(2)]
    for attribute, values in zip(model.graph.node[1].attribute, W, strict=True):
        attribute.g.initializer.append(numpy_helper.from_array(values, "w"))
    onnx.save(model, tmp_path / "m.onnx")
    quantize_command(Options(tmp_path / "m.onnx", tmp_path / "q.onnx", scheme, bits))
    onnx.checker.check_model(str(tmp_path / "q.onnx"), full_check=True)
    first, second = weights(onnx_file.load(tmp_path / "m.onnx"))
    chosen = next(a.g for a in model.graph.node[1].attribute if a.name == "then_branch").initializer[0]
    [one] = [w for w in (first, second) if np.array_equal(w.value.const_value.numpy(), numpy_helper.to_array(chosen))]
    encode = encoder(Options(tmp_path / "m.onnx", tmp_path / "q.onnx", scheme, bits), None)
    wanted = X @ one.as_in_the_model(encode(one, one.channels_first(), 0).decode())
    np.testing.assert_allclose(ran(onnx.load(tmp_path / "q.onnx"))[0], wanted, rtol=1e-4, atol=1e-4)


def test_a_constant_of_one_element_is_a_weight(tmp_path: Path) -> None:
    text = "g (float[N, 1] x) => (float[N, 1] y) { w = Constant <value = float[1, 1] {-3}> () y = MatMul (x, w) }"
    onnx.save(onnx.parser.parse_model(f'<ir_version: 8, opset_import: ["" : 17]> {text}'), tmp_path / "m.onnx")
    quantize_command(Options(tmp_path / "m.onnx", tmp_path / "q.onnx", "bwn"))
    assert ran(onnx.load(tmp_path / "q.onnx"), np.full((2, 1), 2, np.float32))[0].tolist() == [[-6], [-6]]


def test_a_function_of_the_same_name_is_not_overwritten(tmp_path: Path) -> None:
    model = parsed("g (float[4, 4] x) => (float[4, 4] y) { a = MatMul (x, w) y = qref.ScaledDecode (a) }")
    relu = helper.make_node("Relu", ["a"], ["b"])
    own = helper.make_function("qref", "ScaledDecode", ["a"], ["b"], [relu], [helper.make_opsetid("", 21)])
    model.functions.append(own)
    model.opset_import.append(helper.make_opsetid("qref", 1))
    onnx.save(model, tmp_path / "m.onnx")
    with pytest.raises(Unsupported, match=r"function qref\.ScaledDecode of its own"):
        quantize_command(Options(tmp_path / "m.onnx", tmp_path / "q.onnx", "bwn"))
    holds(tmp_path / "m.onnx", tmp_path / "q.onnx", "optimal-scale", 8)


def test_a_second_pass_finds_its_functions_there(tmp_path: Path) -> None:
    onnx.save(parsed("g (float[4, 4] x) => (float[4, 4] y) { y = MatMul (x, w) }"), tmp_path / "m.onnx")
    quantize_command(Options(tmp_path / "m.onnx", tmp_path / "q.onnx", "bwn"))
    again = onnx.load(tmp_path / "q.onnx")
    again.graph.node.append(helper.make_node("MatMul", ["y", "u"], ["z"]))
    again.graph.initializer.append(numpy_helper.from_array(np.eye(4, dtype=np.float32), "u"))
    again.graph.output[0].name = "z"
    onnx.save(again, tmp_path / "again.onnx")
    holds(tmp_path / "again.onnx", tmp_path / "r.onnx", "bwn", None)


def test_data_beside_the_model_is_read_and_counted(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    whole = parsed("g (float[4, 4] x) => (float[4, 4] y) { y = MatMul (x, w) }")
    path, data = tmp_path / "m.onnx", tmp_path / "m.data"
    onnx.save(whole, path, save_as_external_data=True, location="m.data", size_threshold=0)
    (tmp_path / "elsewhere").mkdir()
    holds(path, tmp_path / "elsewhere" / "q.onnx", "bwn", None)
    size = path.stat().st_size + data.stat().st_size
    assert f"the model was {size / 1e3:,.1f} KB" in capsys.readouterr().out
    with pytest.raises(UsageError, match=r"m\.data is the model itself"):
        quantize_command(Options(path, data, "bwn"))
    for content in (data.read_bytes()[:10], None):
        data.write_bytes(content) if content else data.unlink()
        with pytest.raises(BadModel, match=r"m\.onnx: its data in .*m\.data cannot be read"):
            quantize_command(Options(path, tmp_path / "q.onnx", "bwn"))


def test_no_file_is_written_twice_and_no_device_replaced(tmp_path: Path) -> None:
    path, pipe = tmp_path / "m.onnx", tmp_path / "pipe"
    onnx.save(parsed("g (float[4, 4] x) => (float[4, 4] y) { y = MatMul (x, w) }"), path)
    before = path.read_bytes()
    with pytest.raises(UsageError, match="is the model itself"):
        quantize_command(Options(path, tmp_path / "q.onnx", "bwn", json=path))
    with pytest.raises(UsageError, match="both the model and the table"):
        quantize_command(Options(path, tmp_path / "q.onnx", "bwn", json=tmp_path / "q.onnx"))
    os.mkfifo(pipe)
    with pytest.raises(BadModel, match="cannot be written: it is no regular file"):
        quantize_command(Options(path, pipe, "bwn"))
    with pytest.raises(BadModel, match="no regular file"):
        quantize_command(Options(pipe, tmp_path / "q.onnx", "bwn"))
    assert pipe.is_fifo() and path.read_bytes() == before


def test_weights_of_other_types_are_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    model = parsed(
        "g (float[4, 4] x) => (float[4, 4] y) { a = MatMul (x, w) h = Cast <to = 10> (a) b = MatMul (h, v) "
        "y = Cast <to = 1> (b) }"
    )
    model.graph.initializer.append(numpy_helper.from_array(np.eye(4, dtype=np.float16), "v"))
    onnx.save(model, tmp_path / "m.onnx")
    quantize_command(Options(tmp_path / "m.onnx", tmp_path / "q.onnx", "bwn"))
    assert "left as it is, not float32: v (MatMul, float16)\n" in capsys.readouterr().out


@pytest.mark.parametrize("auto_pad", ["SAME_UPPER", "SAME_LOWER", "VALID"])
def test_what_a_padded_convolution_is_fed_with(tmp_path: Path, auto_pad: str) -> None:
    x, W = (RANDOM.standard_normal(s).astype(np.float32) for s in ((1, 2, 6, 5), (3, 2, 3, 2)))
    layer = f'y = Conv <auto_pad = "{auto_pad}", strides = [2, 1]> (x, w)'
    text = f"g (float[1, 2, 6, 5] x) => (float[N, M, H, W] y) {{ {layer} }}"
    model = onnx.parser.parse_model(f'<ir_version: 8, opset_import: ["" : 17]> {text}')
    model.graph.initializer.append(numpy_helper.from_array(W, "w"))
    seen_times_weights_is_the_output(tmp_path, model, x, lambda y: np.moveaxis(y, 1, -1).reshape(-1, 3))


def test_inputs_that_are_no_array_or_do_not_fit_are_refused(tmp_path: Path) -> None:
    path, given = tmp_path / "m.onnx", tmp_path / "x.npy"
    onnx.save(parsed("g (float[4, 4] x) => (float[4, 4] y) { y = MatMul (x, w) }"), path)

    def refused(words: str) -> None:
        with pytest.raises(BadModel, match=words):
            quantize_command(Options(path, tmp_path / "q.onnx", "bwnh", inputs=given))

    refused("no array that can be read: No such file or directory")
    for content in (b"", b"words", path.read_bytes()):
        given.write_bytes(content)
        refused("no array that can be read: give one array of numbers")
    with given.open("wb") as file:
        np.savez(file, X)
    refused("no array that can be read: give one array of numbers")
    np.save(given, np.ones((4, 3), np.float32))
    refused(r"does not run on .*Got: 3 Expected: 4")
    np.save(given, np.ones((4, 4), np.int64))
    refused("does not run on .*int64")


def test_what_a_transposed_gemm_is_fed_with(tmp_path: Path) -> None:
    model = parsed("g (float[4, 3] x) => (float[3, 4] y) { y = Gemm <transA = 1> (x, w) }")
    x = RANDOM.standard_normal((4, 3)).astype(np.float32)
    seen_times_weights_is_the_output(tmp_path, model, x, lambda y: y)


def seen_times_weights_is_the_output(folder: Path, model: Any, x: np.ndarray, rows: Any) -> None:
    onnx.save(model, folder / "m.onnx")
    np.save(folder / "x.npy", x)
    loaded = onnx_file.load(folder / "m.onnx")
    [weight] = weights(loaded)
    [columns] = LayerInputs.of(folder / "m.onnx", loaded, folder / "x.npy").columns(weight)
    W = weight.channels_first()
    np.testing.assert_allclose(columns @ W.reshape(len(W), -1).T, rows(ran(model, x)[0]), rtol=1e-4, atol=1e-4)
    quantize_command(Options(folder / "m.onnx", folder / "q.onnx", "bwnh", inputs=folder / "x.npy"))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("g (float[4, 4] x, float[4, 4] z) => (float[4, 4] y) { a = MatMul (x, w) y = Add (a, z) }", "inputs x, z"),
        (MODELS["outside a branch"], "inside a branch or loop"),
    ],
)
def test_layers_whose_inputs_are_not_seen_are_refused(tmp_path: Path, text: str, words: str) -> None:
    onnx.save(parsed(text), tmp_path / "m.onnx")
    np.save(tmp_path / "x.npy", X)
    with pytest.raises(Unsupported, match=words):
        quantize_command(Options(tmp_path / "m.onnx", tmp_path / "q.onnx", "bwnh", inputs=tmp_path / "x.npy"))


@pytest.mark.parametrize(("module", "extra"), [("onnx_ir", "models"), ("onnxruntime", "onnxruntime")])
def test_what_is_not_installed_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, module: str, extra: str
) -> None:
    path = tmp_path / "m.onnx"
    onnx.save(parsed("g (float[4, 4] x) => (float[4, 4] y) { y = MatMul (x, w) }"), path)
    np.save(tmp_path / "x.npy", X)
    monkeypatch.setitem(sys.modules, module, None)
    words = rf"{module} is not installed: pip install 'qref-conformance\[{extra}\]'"
    with pytest.raises(MissingExtra, match=words):
        quantize_command(Options(path, tmp_path / "q.onnx", "bwnh", inputs=tmp_path / "x.npy"))
    with pytest.raises(MissingExtra, match=words):
        activations_of(path, tmp_path / "x.npy")
