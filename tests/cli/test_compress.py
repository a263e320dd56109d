"""The command qref compress as a user types it: exit codes, one line of error, a run that is stopped and goes on."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import onnx
import pytest

TEXT = """
<ir_version: 8, opset_import: ["" : 17]>
network (float[N, {inside}] x0) => (float[N, {inside}] x{layers}) {{ {nodes} }}
"""


def model(folder: Path, inside: int = 8, layers: int = 1) -> Path:
    nodes = " ".join(f"x{i + 1} = MatMul (x{i}, w{i})" for i in range(layers))
    proto = onnx.parser.parse_model(TEXT.format(inside=inside, layers=layers, nodes=nodes))
    for i in range(layers):
        w = np.random.default_rng(i).standard_normal((inside, inside)).astype(np.float32)
        proto.graph.initializer.append(onnx.numpy_helper.from_array(w, f"w{i}"))
    path = folder / "model.onnx"
    onnx.save(proto, path)
    return path


def start(*words: object, **environment: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "qref", "compress", *map(str, words)]
    kept = {k: v for k, v in os.environ.items() if k != "FORCE_COLOR"} | environment
    return subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=kept,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # a shell's background jobs ignore it
    )


def run(*words: object, **environment: str) -> tuple[int, str, str]:
    process = start(*words, **environment)
    out, err = process.communicate(timeout=100)
    return process.returncode, out, err


def test_it_writes_a_model_and_shows_a_table_without_colour(tmp_path: Path) -> None:
    source, output = model(tmp_path), tmp_path / "out.onnx"
    code, out, err = run(source, "-o", output, "--prune", "0.5", "--huffman", NO_COLOR="1", TERM="dumb")
    assert (code, err) == (0, "")
    assert out.splitlines()[0].startswith("layer  op") and "\x1b" not in out
    onnx.checker.check_model(str(output), full_check=True)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["model.onnx", "out.onnx"]


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        ([], "qref: nothing to do: give --low-rank, --prune or --scheme"),
        (["--scheme", "nothing"], "qref: there is no scheme nothing: "),
        (["--prune", "most"], "qref: --prune most: give the part that goes"),
        (["--low-rank", "magic:0.5"], "qref: --low-rank magic:0.5: there is no method magic: svd"),
        (["--prune", "0.5", "--inputs", "none.npy"], "qref: none.npy: no array that can be read"),
    ],
)
def test_what_does_not_exist_is_one_line_and_exit_2(tmp_path: Path, words: list[str], complaint: str) -> None:
    output = tmp_path / "out.onnx"
    code, out, err = run(model(tmp_path), "-o", output, *words)
    assert (code, out) == (2, "")
    assert err.startswith(complaint) and err.count("\n") == 1
    assert [path.name for path in tmp_path.iterdir()] == ["model.onnx"]


@pytest.mark.slow  # compiles loops first: a signal that comes while Numba compiles may be lost in it
def test_a_run_that_was_stopped_goes_on(tmp_path: Path) -> None:
    small = tmp_path / "small"
    small.mkdir()
    options = ["--prune", "0.5", "--scheme", "scalar-codebook", "--bits", "6", "--huffman"]
    assert run(model(small), "-o", small / "out.onnx", *options)[0] == 0
    source, output = model(tmp_path, 1024, layers=40), tmp_path / "out.onnx"
    process = start(source, "-o", output, *options)
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and len(list(tmp_path.glob(".out.onnx.*/*.npz"))) < 3:
        time.sleep(0.05)
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=100)
    assert process.returncode not in (0, 2) and "--resume" in err and not output.exists()
    [folder] = tmp_path.glob(".out.onnx.*")
    before = {path.name: path.stat().st_mtime_ns for path in folder.iterdir() if path.suffix == ".npz"}
    assert len(before) >= 3
    assert run(source, "-o", output, *options, "--resume")[0] == 0
    assert output.is_file() and not folder.exists()
