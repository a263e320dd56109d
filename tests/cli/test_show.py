"""qref show, requantize, engines, and the program itself."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import qref
from qref.errors import QrefError

Cli = Callable[..., Any]
Make = Callable[..., str]
Answers = dict[str, Callable[..., Any]]
SCALE = ["--scale", "0.5", "--zero-point", "3"]


def words(text: str) -> str:
    """`text` with every run of blanks as one."""
    return " ".join(text.split())


def test_show_a_tie(cli: Cli) -> None:
    ran = cli("show", "Requantize/tie/")
    assert (ran.code, ran.err) == (0, "")
    shown = words(ran.out)
    assert "Requantize-1(int32[4], float32[], float32[], float32[], int8[])" in shown
    assert "accumulator 5 scale 0.5·1.0/1.0 = 0.5 multiplier 1073741824, shift 0 acc·scale 2.5 a tie" in shown
    assert "half to even 2 + zero point 0 2" in shown
    assert "onnx 2 2" in shown and "tflite-double 3 3" in shown


def test_show_an_engine(cli: Cli, engine: Make, answers: Answers) -> None:
    one = engine(answers["halves_up"])
    shown = words(cli("show", "Requantize/tie/", "--engine", one).out)
    assert shown.startswith("FAIL Requantize/tie/")
    assert "y[0] expected 2 yours 3" in shown
    assert "← yours acts as 3" in shown
    assert "tflite-single 3 3 ●" in shown
    assert f'→ you mean to follow tflite-single? qref conform "{one}" --profile tflite-single' in shown
    shown = words(cli("show", "Requantize/tie/", "--engine", engine()).out)
    assert shown.startswith("PASS") and "onnx 2 2 ●" in shown


@pytest.mark.parametrize("slug", ["plain", "range", "square", "error", "nan", "tie-any"])
def test_show_each_kind(cli: Cli, engine: Make, slug: str) -> None:
    case = next(line for line in _ids(cli) if f"/{slug}/" in line)
    for arguments in ([], ["--engine", engine()], ["--engine", engine(at={case.split("/")[0]: "sys.exit(1)"})]):
        ran = cli("show", case.rsplit("/", 1)[1], *arguments)
        assert ran.code == 0 and ran.err == "" and case in ran.out


def _ids(cli: Cli) -> list[str]:
    cli("conform", "reference")
    report = json.loads(Path("qref-reference.json").read_text(encoding="utf-8"))
    return [case["id"] for case in report["cases"]]


def test_show_finds_one_case(cli: Cli) -> None:
    assert "names 3 cases" in cli("show", "Requantize").err
    ran = cli("show", "nix")
    assert ran.code == 2 and "no case is called 'nix'" in ran.err
    assert cli("show", "Requantize/tie/", "--engine", "cmd:./nix").code == 2


def test_requantize(cli: Cli) -> None:
    shown = words(cli("requantize", "5", "--scale", "0.5", "--zero-point", "3").out)
    assert "acc·scale 2.5 a tie" in shown
    assert "onnx 2 5" in shown and "tflite-double 3 6 multiplier 1073741824, shift 0" in shown
    assert "ncnn – – scale_in 0.5, scale_out 1 outside: zero point 3" in shown
    shown = words(cli("requantize", "-300", "--scale", "0.3", "--zero-point", "0", "--dtype", "uint8").out)
    assert "0.3 rounded to float32" in shown and "onnx ≤0 0" in shown


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["x", "--scale", "1", "--zero-point", "0"], "accumulator is 'x'"),
        (["2147483648", "--scale", "1", "--zero-point", "0"], "int32 holds -2147483648 to 2147483647"),
        (["1", "--scale", "0", "--zero-point", "0"], "--scale is 0"),
        (["1", "--scale", "-1", "--zero-point", "0"], "--scale is -1"),
        (["1", "--scale", "nan", "--zero-point", "0"], "--scale is nan"),
        (["1", "--scale", "1e-40", "--zero-point", "0"], "--scale is 1e-40"),
        (["1", "--scale", "1e39", "--zero-point", "0"], "--scale is 1e39"),
        (["1", "--scale", "half", "--zero-point", "0"], "--scale is 'half'"),
        (["1", "--scale", "1", "--zero-point", "128"], "int8 holds -128 to 127"),
        (["1", "--scale", "1", "--zero-point", "0", "--dtype", "int4"], "give int8, uint8, int16 or uint16"),
    ],
)
def test_requantize_bad_numbers(cli: Cli, arguments: list[str], said: str) -> None:
    ran = cli("requantize", *arguments)
    assert ran.code == 2 and said in ran.err and ran.err.count("\n") == 1 and ran.out == ""


def test_engines(cli: Cli) -> None:
    ran = cli("engines")
    assert ran.code == 0 and "pip install 'qref-conformance[onnxruntime]'" in ran.out
    table = json.loads(cli("engines", "--json").out)
    assert list(table) == ["name", "columns", "rows", "source"]
    assert [row[0] for row in table["rows"]] == [
        "reference",
        "numba",
        "onnxruntime",
        "onnx-reference",
        "cmd:PROGRAM ARGS",
        "answers:FILE",
    ]


def test_help_and_version(cli: Cli) -> None:
    ran = cli("--help")
    assert ran.code == 0
    assert all(command in ran.out for command in ("conform", "engines", "show", "requantize", "vectors", "spec"))
    assert cli("--version").out.startswith("qref ")
    assert "--requests" in cli("conform", "--help").out
    assert cli("vectors", "--help").code == 0
    assert cli("nix").code == 2
    assert cli("conform", "--nix").code == 2


def test_help_imports_nothing_slow() -> None:
    code = (
        "import sys; sys.argv = ['qref', '--help']\n"
        "from qref.cli.main import main\n"
        "try: main()\n"
        "except SystemExit: pass\n"
        "print([name for name in ('numpy', 'scipy', 'fastjsonschema', 'onnx', 'numba') if name in sys.modules])"
    )
    environment = dict(os.environ) | {"PYTHONPATH": str(Path(qref.__file__).parent.parent)}
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=environment)
    assert ran.stdout.splitlines()[-1] == "[]"


@pytest.mark.parametrize("command", [["engines"], ["show", "Requantize/tie/"], ["conform", "reference"]])
def test_pipe_that_closes(start: Callable[..., "subprocess.Popen[str]"], command: list[str]) -> None:
    process = start(*command)
    assert process.stdout is not None and process.stderr is not None
    process.stdout.close()
    assert process.stderr.read() == ""
    process.wait(20)


def test_a_reader_that_goes_costs_no_report(start: Callable[..., "subprocess.Popen[str]"], engine: Make) -> None:
    process = start("conform", engine(), "--junit", "report.xml")
    assert process.stdout is not None and process.stderr is not None
    process.stdout.close()
    assert process.stderr.read() == "" and process.wait(20) == 0
    assert Path("qref-tested.json").exists() and Path("report.xml").exists()


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no device that is full")
@pytest.mark.parametrize("command", [["engines"], ["conform", "reference"], ["requantize", "5", *SCALE]])
def test_standard_output_that_is_full(folder: Path, command: list[str]) -> None:
    code = (
        "import sys; from pathlib import Path; from qref.vectors import data\n"
        f"data.conformance = lambda: Path({str(folder)!r})\n"
        "from qref.cli.main import main; main()"
    )
    with open("/dev/full", "w") as full:
        ran = subprocess.run([sys.executable, "-c", code, *command], stdout=full, stderr=subprocess.PIPE, text=True)
    assert ran.returncode == 2 and ran.stderr.startswith("qref: ") and ran.stderr.count("\n") == 1


def test_no_child_is_left_after_sigterm(start: Callable[..., "subprocess.Popen[str]"], engine: Make) -> None:
    code = "open('pid', 'w').write(str(os.getpid())); os.rename('pid', 'asked'); time.sleep(60)"
    process = start("show", "Requantize/tie/", "--engine", engine(at={"Requantize": code}), "--timeout", "50")
    for _ in range(400):
        if Path("asked").exists():
            break
        time.sleep(0.05)
    process.terminate()
    process.communicate(timeout=20)
    with pytest.raises(ProcessLookupError):
        os.kill(int(Path("asked").read_text()), 0)


def test_an_error_of_qref_is_one_line(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise QrefError("a plain word")

    monkeypatch.setattr("qref.judge.listing.show_engines", fail)
    ran = cli("engines")
    assert (ran.code, ran.err, ran.out) == (2, "qref: a plain word\n", "")


def test_on_a_terminal_there_is_a_bar_and_no_color_without(
    start: Callable[..., "subprocess.Popen[str]"], engine: Make, folder: Path
) -> None:
    pty = pytest.importorskip("pty")
    text = _in_terminal(pty, folder, engine(), {"TERM": "xterm", "CI": "", "NO_COLOR": ""})
    assert "\x1b[32m" in text and "━" in text
    text = _in_terminal(pty, folder, engine(), {"TERM": "xterm", "CI": "true", "NO_COLOR": "1"})
    assert "━" not in text and "8 cases in" in text and "\x1b[3" not in text


def _in_terminal(pty: Any, folder: Path, one: str, variables: dict[str, str]) -> str:
    code = (
        "import sys; from pathlib import Path; from qref.vectors import data\n"
        f"data.conformance = lambda: Path({str(folder)!r})\n"
        f"sys.argv = ['qref', 'conform', {one!r}]\n"
        "from qref.cli.main import main; main()"
    )
    ours, theirs = pty.openpty()
    environment = {k: v for k, v in (dict(os.environ) | variables).items() if v}
    process = subprocess.Popen([sys.executable, "-c", code], stdout=theirs, stderr=theirs, env=environment)
    os.close(theirs)
    parts = []
    while True:
        try:
            part = os.read(ours, 65536)
        except OSError:
            break
        if not part:
            break
        parts.append(part)
    process.wait(20)
    os.close(ours)
    return b"".join(parts).decode()
