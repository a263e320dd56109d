"""The command qref quantize as a user types it: exit codes, one line of error, nothing half written."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import onnx
import pytest

import qref

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
    command = [sys.executable, "-m", "qref", "quantize", *map(str, words)]
    kept = {k: v for k, v in os.environ.items() if k not in ("FORCE_COLOR",)} | environment
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
    code, out, err = run(source, "-o", output, "--scheme", "bwn", NO_COLOR="1", TERM="dumb")
    assert (code, err) == (0, "")
    assert out.splitlines()[0].startswith("layer  op")
    assert "\x1b" not in out
    onnx.checker.check_model(str(output), full_check=True)


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (["--scheme", "nothing"], "qref: there is no scheme nothing: "),
        (["--scheme", "bwn", "--bits", "9"], "qref: scheme bwn has 1 bits, not 9"),
        (["--scheme", "bwnh"], "qref: scheme bwnh looks at what layers are fed with: give --inputs F.npy"),
        (["--scheme", "bwnh", "--inputs", "none.npy"], "qref: none.npy: no array that can be read"),
        (["--scheme", "bwn", "--per-channel", "--group", "4"], "qref: --per-channel and --group exclude each other"),
    ],
)
def test_what_does_not_exist_is_one_line_and_exit_2(tmp_path: Path, words: list[str], complaint: str) -> None:
    output = tmp_path / "out.onnx"
    code, out, err = run(model(tmp_path), "-o", output, *words)
    assert (code, out) == (2, "")
    assert err.startswith(complaint) and err.count("\n") == 1
    assert not output.exists()


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_that_may_not_be_written_is_named(tmp_path: Path) -> None:
    source, closed = model(tmp_path), tmp_path / "closed"
    closed.mkdir(mode=0o500)
    code, _, err = run(source, "-o", closed / "out.onnx", "--scheme", "bwn")
    assert code == 2 and "cannot be written: Permission denied" in err


@pytest.mark.slow  # compiles loops first: a signal that comes while Numba compiles may be lost in it
def test_ctrl_c_leaves_no_file(tmp_path: Path) -> None:
    assert run(model(tmp_path), "-o", tmp_path / "out.onnx", "--scheme", "ffn")[0] == 0
    (tmp_path / "out.onnx").unlink()
    source, output = model(tmp_path, 512, layers=80), tmp_path / "out.onnx"  # a second at most to the next layer
    process = start(source, "-o", output, "--scheme", "ffn")
    time.sleep(2.5)
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=100)
    assert process.returncode not in (0, 2)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["model.onnx"]


@pytest.mark.slow  # compiles all loops
def test_where_no_folder_keeps_compiled_code(tmp_path: Path) -> None:
    code = (
        "from numba.core import caching as c; c.CacheImpl._locator_classes = [c.UserProvidedCacheLocator]\n"
        "from qref.cli.main import main; main()"
    )
    words = ["quantize", str(model(tmp_path)), "-o", str(tmp_path / "out.onnx"), "--scheme", "bwn"]
    environment = dict(os.environ) | {"PYTHONPATH": str(Path(qref.__file__).parent.parent)}
    environment.pop("NUMBA_CACHE_DIR", None)
    subprocess.run([sys.executable, "-c", code, *words], capture_output=True, env=environment, check=True)
    assert (tmp_path / "out.onnx").is_file()
