"""qref compress: ONNX Runtime runs what is written, with the very weights that pruning, scheme and codes leave."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest

from qref.errors import BadModel, InvalidInput, Unsupported, UsageError
from qref.numerics.philox import Stream
from qref.saveload.compress import compressing, target
from qref.saveload.compress_command import HEAD, Options, compress_command
from qref.saveload.low_rank_graph import Energy, Rank, Speed
from tools.run_onnx import decompressed, run

X = Stream(3).words(3 * 4 * 8 * 8).astype(np.float32).reshape(3, 4, 8, 8) / np.float32(2**31) - 1

WAYS: dict[str, dict[str, Any]] = {
    "prune": {"prune": "0.7"},
    "prune-huffman": {"prune": "0.9", "huffman": True},
    "prune-by-channel": {"prune": "0.5", "prune_by": "channel"},
    "prune-by-all": {"prune": "0.8", "prune_by": "all", "scheme": "scalar-codebook"},
    "n-of-m": {"prune": "2:4", "scheme": "lloyd-max"},
    "everything-goes": {"prune": "1", "huffman": True},
    "nothing-goes": {"prune": "0", "scheme": "scalar-codebook", "bits": 8, "huffman": True},
    "deep-compression": {"prune": "0.6", "scheme": "scalar-codebook", "huffman": True},
    "scaled": {"prune": "0.6", "scheme": "optimal-scale", "huffman": True},
    "ternary": {"scheme": "ternary", "huffman": True},
    "signs": {"scheme": "bwn", "huffman": True},
    "product": {"scheme": "product-codebook", "bits": 3, "group": 2, "huffman": True},
    "vector": {"scheme": "vector-codebook", "bits": 2, "huffman": True},
    "groups": {"scheme": "optimal-scale", "group": 5, "huffman": True},
    "codebook": {"scheme": "scalar-codebook", "bits": 3, "huffman": True},
    "low-rank-alone": {"low_rank": ("svd:0.8", "tucker2:0.8")},
    "low-rank": {"low_rank": ("tucker2:rank=2,3", "svd:rank=2"), "prune": "0.5", "scheme": "scalar-codebook"},
}


def options(network: Path, output: Path, **given: Any) -> Options:
    return Options(network, output, **given)


@pytest.mark.parametrize("opset", [11, 21])
@pytest.mark.parametrize("way", WAYS)
def test_onnx_runtime_gives_the_float_network_with_the_decoded_weights(
    network: Any, tmp_path: Path, way: str, opset: int
) -> None:
    given = options(network(opset), tmp_path / "small.onnx", **WAYS[way])
    compress_command(given)
    onnx.checker.check_model(str(given.output), full_check=True)
    decompressed(given, tmp_path / "floats.onnx")
    [wanted], [found] = run(tmp_path / "floats.onnx", X), run(given.output, X)
    np.testing.assert_allclose(found, wanted, rtol=1e-5, atol=1e-6 * max(np.abs(wanted).max(), 1e-30))


def test_the_size_claimed_is_the_size_on_disk(network: Any, tmp_path: Path, capsys: Any) -> None:
    given = options(network(), tmp_path / "small.onnx", prune="0.8", scheme="scalar-codebook", huffman=True)
    compress_command(Options(**{**vars(given), "json": tmp_path / "table.json"}))
    shown, table = capsys.readouterr().out, json.loads((tmp_path / "table.json").read_text())
    size = given.output.stat().st_size
    assert table["compressed_bytes"] == size and f"small.onnx: {size / 1e3:,.1f} KB" in shown
    assert table["weight_bits"] == sum(layer["bits"] for layer in table["layers"])
    assert shown.splitlines()[0].split() == " ".join(HEAD).split()
    codes = sum(
        len(one.raw_data)
        for one in onnx.load(given.output).graph.initializer
        if one.name.endswith(("packed", "bytes", "codebooks", "values"))
    )
    assert codes <= table["weight_bits"] / 8 * 1.1 + 2000  # the codes are in the file, not what they stand for


def test_a_layer_costs_little_beside_its_codes(network: Any, tmp_path: Path) -> None:
    given = options(network(), tmp_path / "small.onnx", prune="0.8", scheme="lloyd-max", json=tmp_path / "a.json")
    compress_command(given)
    model, table = onnx.load(given.output), json.loads((tmp_path / "a.json").read_text())
    stored = {one.name for one in model.graph.initializer}
    assert not stored & {one.name for one in model.graph.value_info}  # types and shapes stand with the tensors
    functions = sum(one.ByteSize() for one in model.functions)
    rest = table["compressed_bytes"] - table["weight_bits"] // 8 - functions
    assert rest < 2000 * len(table["layers"])  # 2,800 a layer with what is said twice


def test_the_rows_say_what_is_left(network: Any, tmp_path: Path) -> None:
    given = options(network(), tmp_path / "small.onnx", prune="0.75", json=tmp_path / "table.json")
    compress_command(given)
    layers = json.loads((tmp_path / "table.json").read_text())["layers"]
    assert [one["left"] for one in layers] == [one["weights"] - round(0.75 * one["weights"]) for one in layers]


def test_a_part_of_all_weights_takes_more_of_some_layers(network: Any, tmp_path: Path) -> None:
    compress_command(options(network(), tmp_path / "a.onnx", prune="0.5", prune_by="all", json=tmp_path / "a.json"))
    layers = json.loads((tmp_path / "a.json").read_text())["layers"]
    count = sum(one["weights"] for one in layers)
    assert sum(one["left"] for one in layers) == count - round(count / 2)
    assert len({one["left"] / one["weights"] for one in layers}) > 1


def test_outputs_are_compared_where_inputs_are_given(network: Any, tmp_path: Path, capsys: Any) -> None:
    np.save(tmp_path / "x.npy", X)
    source, output = network(), tmp_path / "small.onnx"
    compress_command(options(source, output, prune="0.5", inputs=tmp_path / "x.npy", json=tmp_path / "a.json"))
    [y], [z] = run(source, X), run(output, X)
    farthest = json.loads((tmp_path / "a.json").read_text())["farthest"]
    assert farthest == pytest.approx(np.abs(y.astype(np.float64) - z).max() / np.abs(y).max())
    assert "of the largest" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("svd:0.9", ("svd", Energy(0.9))),
        ("tucker2:2x", ("tucker2", Speed(2.0))),
        ("cp:rank=8", ("cp", Rank((8,)))),
        ("tucker2:rank=8,16", ("tucker2", Rank((8, 16)))),
    ],
)
def test_targets_of_low_rank(text: str, wanted: Any) -> None:
    assert target(text) == wanted


@pytest.mark.parametrize(
    ("given", "complaint"),
    [
        ({}, "nothing to do"),
        ({"huffman": True, "low_rank": ("svd:0.9",)}, "--huffman makes codes shorter"),
        ({"prune_by": "all", "scheme": "bwn"}, "give --prune as well"),
        ({"bits": 3, "prune": "0.5"}, "--bits belongs to a scheme"),
        ({"prune": "half"}, "give the part that goes"),
        ({"prune": "1.5"}, "from 0 to 1"),
        ({"prune": "nan"}, "from 0 to 1"),
        ({"prune": "5:4"}, "at least 1 of each block"),
        ({"prune": "2:4", "prune_by": "layer"}, "is for ratios"),
        ({"prune": "0.5", "prune_by": "row"}, "give layer, channel, all"),
        ({"low_rank": ("qr:0.9",)}, "there is no method qr"),
        ({"low_rank": ("svd:much",)}, "give 0.9 of the energy"),
        ({"low_rank": ("svd",)}, "give 0.9 of the energy"),
        *(({"low_rank": (f"svd:{number}",)}, "above 0, at most 1") for number in ("0", "-1", "1.5", "nan", "1e999")),
        *(({"low_rank": (f"svd:{number}x",)}, "a speed is above 0") for number in ("0", "-2", "nan", "inf")),
        ({"low_rank": ("cp:0.9",)}, "CP has no singular values"),
        ({"low_rank": ("tucker2:rank=3",)}, "tucker2 has two ranks"),
        ({"low_rank": ("svd:rank=3,4",)}, "all others one"),
        ({"low_rank": ("svd:rank=0",)}, "a rank is 1 at least"),
        ({"scheme": "nothing"}, "there is no scheme nothing"),
        ({"scheme": "bwn", "per_channel": True, "group": 3}, "exclude each other"),
        ({"scheme": "ffn", "huffman": True}, "no codes that Huffman's would make shorter"),
        ({"scheme": "bwnh", "prune": "0.5"}, "looks at whole layers"),
        ({"scheme": "bwn", "bits": 2, "low_rank": ("svd:0.9",)}, "scheme bwn has 1 bits, not 2"),
        ({"scheme": "ternary", "per_channel": True, "prune": "0.5"}, "--per-channel gives a layer several scales"),
        ({"scheme": "optimal-scale", "group": 500, "prune": "0.5"}, "--group gives a layer several scales"),
        ({"scheme": "vector-codebook", "group": 2}, "goes by tensor, not by group"),
    ],
)
def test_what_does_not_go_together_is_refused_and_nothing_is_left(
    network: Any, tmp_path: Path, given: dict[str, Any], complaint: str
) -> None:
    with pytest.raises((UsageError, InvalidInput), match=complaint):
        compress_command(options(network(), tmp_path / "small.onnx", **given))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["network.onnx"]


def test_files_that_cannot_be_read_or_written_are_named(network: Any, tmp_path: Path) -> None:
    source = network()
    with pytest.raises(BadModel, match="no such file"):
        compress_command(options(tmp_path / "none.onnx", tmp_path / "small.onnx", prune="0.5"))
    with pytest.raises(BadModel, match="there is no folder"):
        compress_command(options(source, tmp_path / "missing" / "small.onnx", prune="0.5"))
    with pytest.raises(UsageError, match="the model itself"):
        compress_command(options(source, source, prune="0.5"))
    np.save(tmp_path / "x.npy", X)
    given: dict[str, Any] = {"prune": "0.5", "inputs": tmp_path / "x.npy"}
    with pytest.raises(UsageError, match=r"x\.npy holds the inputs"):
        compress_command(options(source, tmp_path / "x.npy", **given))
    with pytest.raises(UsageError, match=r"x\.npy holds the inputs"):
        compress_command(options(source, tmp_path / "small.onnx", json=tmp_path / "x.npy", **given))
    (tmp_path / "x.npy").unlink()
    with pytest.raises(Unsupported, match="full: the model has opset 9"):
        compress_command(options(network(9), tmp_path / "small.onnx", prune="0.5"))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["network.onnx"]


def test_where_nothing_can_be_written_nothing_is_computed(network: Any, tmp_path: Path, monkeypatch: Any) -> None:
    source, folder = network(), tmp_path / "folder"
    folder.mkdir()

    def refused(output: Path, table: Path | None, words: str) -> None:
        with pytest.raises(BadModel, match=words):
            compress_command(options(source, output, prune="0.5", json=table))

    monkeypatch.setattr("qref.saveload.compress_command.compressed", None)  # would be a TypeError
    refused(tmp_path / "small.onnx", tmp_path / "missing" / "a.json", r"a\.json: cannot be written: there is no folder")
    refused(tmp_path / "small.onnx", folder, "folder: cannot be written: it is a folder")
    refused(folder, None, "folder: cannot be written: it is a folder")
    refused(Path("/dev/null"), None, "it is no regular file")
    monkeypatch.setattr("os.access", lambda path, mode: path != folder)
    refused(folder / "small.onnx", None, "Permission denied")
    refused(tmp_path / "small.onnx", folder / "a.json", "Permission denied")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["folder", "network.onnx"]


def test_a_full_disk_does_not_cost_what_is_done(network: Any, tmp_path: Path, monkeypatch: Any) -> None:
    given = options(network(), tmp_path / "small.onnx", prune="0.5")

    def full(*arguments: Any) -> int:
        raise BadModel("small.onnx: cannot be written: No space left on device")

    with monkeypatch.context() as patched, pytest.raises(BadModel, match="No space left"):
        patched.setattr("qref.saveload.onnx_file.save", full)
        compress_command(given)
    [folder] = tmp_path.glob(".small.onnx.*")
    assert len(list(folder.iterdir())) == 6
    with monkeypatch.context() as patched:
        patched.setattr("qref.saveload.encoded_file.save", None)  # nothing is encoded again
        compress_command(Options(**{**vars(given), "resume": True}))
    assert given.output.is_file() and not folder.exists()


def test_a_stopped_run_goes_on_where_it_was(network: Any, tmp_path: Path, monkeypatch: Any, capsys: Any) -> None:
    given = options(network(), tmp_path / "small.onnx", prune="0.5", scheme="scalar-codebook", huffman=True)
    compress_command(given)
    whole, calls = given.output.read_bytes(), []
    given.output.unlink()
    import qref.saveload.compress_command as module

    def stopping(*arguments: Any) -> Any:
        encode = compressing(*arguments)

        def one(weight: Any, W: Any, number: int) -> Any:
            calls.append(weight.name)
            if len(calls) == 4:
                raise KeyboardInterrupt
            return encode(weight, W, number)

        return one

    monkeypatch.setattr(module, "compressing", stopping)
    with pytest.raises(KeyboardInterrupt):
        compress_command(given)
    assert "--resume goes on" in capsys.readouterr().err.replace("`", "")
    assert not given.output.exists()
    compress_command(Options(**{**vars(given), "resume": True}))
    assert calls == ["full", "depthwise", "up", "transposed", "transposed", "rows", "columns"]
    assert given.output.read_bytes() == whole
    assert sorted(path.name for path in tmp_path.iterdir()) == ["network.onnx", "small.onnx"]
