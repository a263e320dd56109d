"""`qref bench layers`: what is timed, that outputs are checked first, and what it says of a run that cannot be made."""

import json
import re
import shutil
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from typer.testing import CliRunner

from qref.cli.main import app
from qref.conv import ALGORITHMS
from qref.conv.ten_layers import TEN_LAYERS, layer
from qref.errors import BadAnswers, MissingExtra, UsageError

pytest.importorskip("numba")
from qref.bench import command, layers
from qref.bench.algorithms import CHOICE, DEFAULT, TO_UINT8, pruned, timed
from qref.bench.chains import available
from qref.bench.command import Options
from qref.bench.layers import measure
from qref.bench.peak import peak_gops
from qref.bench.peers.naive_c import LOOPS
from qref.bench.report import Report
from qref.kernels.conv import choice
from qref.kernels.conv.kernel import Kernel
from qref.kernels.conv.table import KERNELS

needs_cc = pytest.mark.skipif(shutil.which("cc") is None, reason="no C compiler cc")

SMALL = {
    one.name: one
    for one in (
        layer("plain", 5, 9, 20, 3, 1, 1, "winograd applies"),
        layer("strided", 3, 11, 7, 5, 2, 2, "winograd does not"),
        layer("wide", 16, 9, 16, 3, 1, 1, "winograd is the choice"),
    )
}


@pytest.fixture(autouse=True)
def small(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    if "slow" not in request.keywords:
        monkeypatch.setattr(layers, "TEN_LAYERS", SMALL)
        monkeypatch.setattr(command, "TEN_LAYERS", SMALL)


@pytest.fixture(autouse=True)
def no_decisions(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A file of decisions of its own, so that nothing of the user's counts or is overwritten."""
    monkeypatch.setattr(choice, "path", lambda: tmp_path / "choices.json")
    choice.decisions.cache_clear()
    yield
    choice.decisions.cache_clear()


def every(report: Report) -> dict[tuple[str, str, str], Any]:
    return {(row.layer, row.engine, row.algorithm): row for row in report.rows}


@pytest.mark.parametrize("name", SMALL)
@pytest.mark.parametrize(("dtype", "label"), [(dtype, label) for dtype, labels in DEFAULT.items() for label in labels])
def test_every_algorithm_is_timed_where_it_applies_and_right(dtype: str, label: str, name: str) -> None:
    report = measure((name,), [label], dtype=dtype, repeat=2)
    assert report.peak_gops > 0
    assert report.threads == 1
    algorithm, shapes = label.partition("@")[0], SMALL[name].shapes
    assert len(report.rows) == (algorithm not in ALGORITHMS or not ALGORITHMS[algorithm].applies(shapes))
    for row in report.rows:
        assert (row.layer, row.dtype, row.engine, row.algorithm, row.checked) == (name, dtype, "qref", label, True), row
        assert 0 < row.ms <= row.ms_median
        assert row.gops == pytest.approx(2 * shapes.macs / row.ms / 1e6)
        assert row.share_of_peak == pytest.approx(row.gops / report.peak_gops)
        assert row.max_error < 1e-3 if dtype == "float32" else row.max_error == 0


def test_without_names_all_algorithms_of_a_dtype_are_timed() -> None:
    assert [row.algorithm for row in measure(("plain",), dtype="int8", repeat=1).rows] == list(DEFAULT["int8"])


def test_progress_is_told_layer_by_layer() -> None:
    told: list[tuple[str, int, int]] = []
    measure(("plain", "strided"), ["direct"], repeat=2, progress=lambda *step: told.append(step))
    assert told == [
        ("the peak", 0, 6),
        *(("plain", i, 6) for i in range(3)),
        *(("strided", i, 6) for i in range(3, 6)),
        ("", 6, 6),
    ]


def test_the_defaults_are_algorithms_of_the_reference() -> None:
    labels = {label.partition("@")[0] for labels in DEFAULT.values() for label in labels}
    assert labels == {*ALGORITHMS, CHOICE, TO_UINT8}


def kernels(report: Report) -> dict[str, str]:
    return {row.layer: row.kernel for row in report.rows if row.algorithm == CHOICE}


def test_default_runs_what_was_decided_for_the_layer_and_says_what_it_is() -> None:
    assert kernels(measure(("wide", "strided"), [CHOICE], repeat=1)) == {"wide": "winograd-2x2", "strided": "direct"}
    choice.remember(SMALL["wide"].shapes, 1, "direct")
    assert kernels(measure(("wide",), [CHOICE], repeat=1)) == {"wide": "direct"}
    assert kernels(measure(("wide",), [CHOICE], repeat=1, threads=2)) == {"wide": "winograd-2x2"}  # was decided for one


@pytest.mark.parametrize("faster", ["direct", "winograd-2x2"])
def test_tuning_comes_before_the_choice(faster: str, monkeypatch: pytest.MonkeyPatch) -> None:
    [slower] = {"direct", "winograd-2x2"} - {faster}
    kernel = KERNELS[slower]

    def run(*arguments: Any) -> Any:
        time.sleep(0.001)
        return kernel.run(*arguments)

    monkeypatch.setitem(KERNELS, slower, Kernel(slower, kernel.pack, run))
    assert kernels(measure(("wide",), [CHOICE], repeat=1, tune=True)) == {"wide": faster}
    assert choice.choice(SMALL["wide"].shapes) == faster


def test_the_command_tunes_and_says_what_default_is(tmp_path: Path) -> None:
    path = tmp_path / "bench.json"
    arguments = ["bench", "layers", "--layers", "wide,strided,plain", "--algorithms", "default", "--tune"]
    done = CliRunner().invoke(app, [*arguments, "--repeat", "1", "--json", str(path)])
    assert done.exit_code == 0, done.output
    assert len(choice.decisions()) == 3
    found = kernels(Report.read(path))
    assert found["strided"] == found["plain"] == "direct"
    assert re.search(rf"^default is .*\b{found['wide']} on wide\b", done.stdout, re.M)


def test_onnxruntime_takes_turns_on_the_same_data() -> None:
    pytest.importorskip("onnxruntime")
    for dtype, operators in (("float32", ["Conv"]), ("int8", ["ConvInteger", "QLinearConv"])):
        algorithms = ["direct"] if dtype == "float32" else ["int8-direct"]
        rows = every(measure(("plain",), algorithms, dtype=dtype, peers=["onnxruntime"], repeat=1))
        peers = {("plain", "onnxruntime", operator) for operator in operators}
        assert set(rows) == {("plain", "qref", algorithms[0])} | peers
        assert all(row.checked for row in rows.values())
    rows = every(measure(("plain",), dtype="binary", peers=["onnxruntime"], repeat=1))
    assert set(rows) == {("plain", "qref", "xnor")}


@needs_cc
def test_naive_loops_in_c_are_right() -> None:
    rows = every(measure(tuple(SMALL), ["direct"], peers=["naive-c"], repeat=1))
    assert set(rows) == {(name, "naive-c", loop) for name in SMALL for loop in LOOPS} | {
        (name, "qref", "direct") for name in SMALL
    }
    assert all(row.checked for row in rows.values())


def broken(kernel: Kernel) -> Kernel:
    """The kernel with one wrong output."""

    def run(x: Any, packed: Any, geometry: Any, threads: int) -> Any:
        y = kernel.run(x, packed, geometry, threads)
        y.reshape(-1)[-1] += 1
        return y

    return Kernel(kernel.name, kernel.pack, run)


@pytest.mark.parametrize(("dtype", "name"), [("float32", "direct"), ("int8", "int8-gemm"), ("binary", "xnor")])
def test_a_wrong_output_is_said(dtype: str, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(KERNELS, name, broken(KERNELS[name]))
    [row] = measure(("plain",), [name], dtype=dtype, repeat=1).rows
    assert not row.checked
    assert row.max_error > 0
    done = CliRunner().invoke(
        app, ["bench", "layers", "--layers", "plain", "--dtype", dtype, "--algorithms", name, "--repeat", "1"]
    )
    assert done.exit_code == 1
    assert f"! qref {name} on plain is off by" in done.stdout


def test_8_bit_outputs_are_held_to_the_rule_and_not_to_the_sums(monkeypatch: pytest.MonkeyPatch) -> None:
    [row] = measure(("plain",), [TO_UINT8], dtype="int8", repeat=1).rows
    assert row.checked and row.kernel == "int8-direct"
    given: list[Any] = []
    kernel = KERNELS["int8-direct"]

    def run(x: Any, packed: Any, geometry: Any, threads: int, **more: Any) -> Any:
        given.append(kernel.run(x, packed, geometry, threads, **more))
        return given[-1] + np.uint8(1)

    monkeypatch.setitem(KERNELS, "int8-direct", Kernel("int8-direct", kernel.pack, run, kernel.workspace))
    [row] = measure(("plain",), [TO_UINT8], dtype="int8", repeat=1).rows
    assert not row.checked
    assert given[0].dtype == np.uint8
    assert 64 < given[0].std() + given[0].mean() < 192  # most of the range is used


def test_the_smallest_weights_are_pruned() -> None:
    w = np.arange(-10, 10, dtype=np.float32).reshape(4, 5)
    for zeros, kept in ((0, 19), (50, 10), (75, 5), (90, 2)):
        assert np.count_nonzero(pruned(w, zeros)) == kept
    assert np.abs(pruned(w, 75)[pruned(w, 75) != 0]).min() >= 7


def test_slow_contenders_run_less_often(monkeypatch: pytest.MonkeyPatch) -> None:
    runs = []
    kernel = KERNELS["direct"]

    def run(x: Any, packed: Any, where: Any, threads: int) -> Any:
        runs.append(1)
        return kernel.run(x, packed, where, threads)

    monkeypatch.setitem(KERNELS, "direct", Kernel("direct", kernel.pack, run))
    monkeypatch.setattr(layers, "SECONDS", 0.0)
    measure(("plain",), ["direct"], repeat=50)
    assert len(runs) == 1 + layers.ENOUGH


def test_labels() -> None:
    assert timed("sparse-direct@75", "float32").label == "sparse-direct@75"
    assert timed("direct", "float32").label == "direct"
    assert timed("winograd", "float32").label == "winograd-2x2"
    assert timed("sparse-75", "float32").label == "sparse-direct@75"
    for label in ("sparse-direct@0", "sparse-direct@100", "sparse-direct@x", "sparse-0"):
        with pytest.raises(UsageError, match="from 1 to 99"):
            timed(label, "float32")
    with pytest.raises(UsageError, match="xnor is no algorithm for int8: int8-direct"):
        timed("xnor", "int8")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"dtype": "float16"}, "dtype float16 is not one of float32"),
        ({"layers": ("conv11",)}, "layer conv11 is not one of plain, strided, wide"),
        ({"peers": ("tvm",)}, "peer tvm is not one of onnxruntime"),
        ({"algorithms": ("magic",)}, "magic is no algorithm"),
        ({"algorithms": ("default",), "dtype": "int8"}, "default is no algorithm for int8: .*int8-direct-to-uint8"),
        ({"tune": True, "dtype": "int8"}, "tuning for int8: there is a choice among kernels for float32 only"),
    ],
)
def test_what_does_not_exist(options: dict[str, Any], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        measure(**{"layers": ("plain",), **options})


def test_what_is_not_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("qref.engines.versions.find_spec", lambda name: None if name == "onnxruntime" else object())
    with pytest.raises(MissingExtra, match=r"pip install 'qref-conformance\[onnxruntime\]'"):
        measure(("plain",), peers=["onnxruntime"])
    monkeypatch.setattr("qref.bench.peers.naive_c.shutil.which", lambda name: None)
    with pytest.raises(MissingExtra, match="no C compiler"):
        measure(("plain",), peers=["naive-c"])
    monkeypatch.setattr("qref.engines.versions.find_spec", lambda name: None)
    with pytest.raises(MissingExtra, match=r"qref-conformance\[fast\]"):
        measure(("plain",))


def test_the_command_prints_a_table_and_writes_the_report(tmp_path: Path) -> None:
    path = tmp_path / "bench.json"
    arguments = ["bench", "layers", "--layers", "plain,strided", "--algorithms", "direct,winograd-2x2"]
    done = CliRunner().invoke(app, [*arguments, "--repeat", "1", "--json", str(path)])
    assert done.exit_code == 0, done.output
    first, head, direct, winograd = done.stdout.splitlines()
    assert first.startswith("float32 · ")
    assert head.split() == ["plain", "strided", "of", "peak"]
    assert direct.split()[0] == "direct"
    assert winograd.split()[2] == "–"
    report = json.loads(path.read_text())
    agreed = {"cpu", "features", "threads", "peak_gops", "rows"}
    assert set(report) == agreed | {"peak_instruction", "instructions", "versions", "date", "command"}
    assert report["command"] == "qref bench layers --layers plain,strided --algorithms direct,winograd-2x2 --repeat 1"
    names = "layer dtype engine algorithm ms ms_median gops share_of_peak max_error checked kernel"
    assert [set(row) for row in report["rows"]] == [set(names.split())] * 3


def test_the_report_says_how_it_came_about(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QREF_KERNELS", "portable")
    before = datetime.now(UTC).replace(microsecond=0)
    report = measure(("plain",), ["direct"], peers=["naive-c"] if shutil.which("cc") else [], repeat=1)
    assert before <= datetime.fromisoformat(report.date) <= datetime.now(UTC)
    assert report.instructions == "portable"
    assert report.peak_instruction in {link.name for link in available("float32")}
    assert {"qref", "numba", "llvmlite"} == set(report.versions) - {"naive-c"}
    assert all(report.versions.values())


@pytest.mark.parametrize(
    ("given", "command"),
    [
        (((), (), "float32", (), 30, 1, False), ""),
        ((("conv1", "conv2"), (), "int8", (), 30, 1, False), " --dtype int8 --layers conv1,conv2"),
        (
            ((), ("a,b", "c"), "float32", ("x,y",), 5, 2, True),
            " --algorithms a,b,c --peer x,y --repeat 5 --threads 2 --tune",
        ),
    ],
)
def test_the_command_of_a_report(given: tuple[Any, ...], command: str) -> None:
    assert Options(*given, None).command == f"qref bench layers{command}"


def test_a_report_that_cannot_be_written_is_said_before_anything_is_timed(tmp_path: Path) -> None:
    options = Options((), (), "float32", (), 1, 1, False, tmp_path / "missing" / "f.json")
    with pytest.raises(BadAnswers, match="cannot be written"):
        command.layers_command(options)


def test_ctrl_c(monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*arguments: Any, **options: Any) -> Report:
        raise KeyboardInterrupt

    monkeypatch.setattr(command, "measure", interrupted)
    done = CliRunner().invoke(app, ["bench", "layers"])
    assert done.exit_code == 130
    assert "interrupted" in done.stderr


def test_threads() -> None:
    report = measure(("plain",), ["direct", "im2col"], repeat=1, threads=2)
    assert report.threads == 2
    assert all(row.checked for row in report.rows)
    assert peak_gops("float32", 2)[0] > 0


@needs_cc
@pytest.mark.slow
@pytest.mark.parametrize("name", TEN_LAYERS)
def test_no_algorithm_is_slower_than_a_naive_loop_in_c(name: str) -> None:
    """Than either loop; but FFT of large images with large strides only than the textbook's."""
    rows = every(measure((name,), peers=["naive-c"], repeat=3))
    textbook, vectors = (rows[name, "naive-c", loop].ms for loop in LOOPS)
    for row in rows.values():
        if row.engine == "qref":
            assert row.ms < (textbook if row.algorithm == "fft" else min(textbook, vectors)), row
