"""qref conform: verdicts, filters, exit codes, reports."""

import json
import os
import stat
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import numpy as np
import pytest

import qref
from qref.errors import InvalidInput, QrefError, Unsupported
from qref.numerics.tensor import Tensor, tensor
from qref.vectors import manifest

Cli = Callable[..., Any]
Make = Callable[..., str]
Answers = dict[str, Callable[..., Any]]


def report(name: str = "qref-tested.json") -> dict[str, Any]:
    return json.loads(Path(name).read_text(encoding="utf-8"))


def test_reference_passes(cli: Cli) -> None:
    ran = cli("conform", "reference")
    assert (ran.code, ran.err) == (0, "")
    lines = ran.out.splitlines()
    assert lines[0].startswith("reference ")
    assert " · judged by the ONNX text · " in lines[0] and " · vectors 1.0 (" in lines[0]
    assert lines[1].startswith("8 cases in ")
    assert lines[2].split() == ["operator", "pass", "acceptable", "fail", "unsupported", "open"]
    assert lines[6].split() == ["all", "7", "0", "0", "0", "1"]
    assert "Report: qref-reference.json" in ran.out and ran.out.rstrip().endswith("exit 0")
    assert "\x1b" not in ran.out


def test_report_is_the_contracts(cli: Cli, engine: Make, answers: Answers) -> None:
    ran = cli("conform", engine(answers["one_more"], profile="tflite-double"))
    assert ran.code == 1
    found = report()
    assert list(found) == ["qref", "engine", "machine", "judged_by", "vectors", "summary", "cases"]
    assert list(found["engine"]) == ["name", "version", "profile", "command"]
    assert found["engine"]["profile"] == "tflite-double" and found["engine"]["command"].startswith("cmd:")
    assert list(found["machine"]) == ["cpu", "features", "threads"]
    results = ["pass", "acceptable", "fail", "unsupported", "open", "crash", "timeout", "fault"]
    assert list(found["summary"]) == results
    assert len(found["cases"]) == 8 == sum(found["summary"].values())
    assert len(found["vectors"]["small"]) == 64
    (failed,) = [case for case in found["cases"] if case["result"] == "fail"]
    assert failed["op"] == "MatMulInteger" and failed["requirements"] == ["QREF-RQ-001"]
    assert failed["detail"].endswith("4 of 4 elements wrong, +1; y[0,0]: expected 19, got 20")
    assert "It says it follows: tflite-double" in ran.out


def test_failures_are_shown_by_cause(cli: Cli, engine: Make, answers: Answers) -> None:
    ran = cli("conform", engine(answers["halves_up"]))
    assert ran.code == 1
    assert "2 fail, 1 cause" in ran.out
    assert "→ qref show " in ran.out
    assert "1 acceptable, 1 reason: halves up (tflite-double gives all 1)" in ran.out
    assert "Nearest profile: tflite-double and tflite-single, 3 of 3 requantized cases" in ran.out


def test_a_profile_judges(cli: Cli, engine: Make, answers: Answers) -> None:
    ran = cli("conform", engine(answers["halves_up"]), "--profile", "tflite-single")
    assert ran.code == 0, ran.out
    assert " · judged by profile tflite-single · " in ran.out.splitlines()[0]
    assert report()["judged_by"] == "tflite-single"
    assert report()["summary"]["pass"] == 7
    assert report()["summary"]["acceptable"] == 0  # alternatives are dropped
    assert cli("conform", "reference", "--profile", "tflite-single").code == 0  # obeys the profile in the request
    ran = cli("conform", engine(lambda r: answers["right"](replace(r, profile=None))), "--profile", "tflite-single")
    assert (ran.code, report()["summary"]["fail"]) == (1, 3)


def test_outside_a_profile_is_unsupported(cli: Cli, engine: Make) -> None:
    ran = cli("conform", engine(), "--profile", "ncnn", "--op", "qref:Requantize")
    assert ran.code == 0
    cases = {case["id"].split("/")[1]: case for case in report()["cases"]}
    assert cases["tie-zero-point"]["result"] == "unsupported"
    assert "outside profile ncnn: zero point 3" in cases["tie-zero-point"]["detail"]
    assert cases["tie"]["result"] == "pass"


@pytest.mark.parametrize(
    ("code", "kind", "words"),
    [
        ("os.kill(os.getpid(), signal.SIGKILL)", "crash", "SIGKILL"),
        ("sys.exit(1)", "crash", "status 1"),
        ("time.sleep(60)", "timeout", "no answer in 1 s"),
        ("print('oops', flush=True)", "fault", "no JSON"),
        ('print(\'{"id": 1, "outputs": []}\', flush=True)', "fault", "answered id 1"),
    ],
)
def test_one_operator_breaks_and_nothing_else(cli: Cli, engine: Make, code: str, kind: str, words: str) -> None:
    ran = cli("conform", engine(at={"MatMulInteger": code}), "--timeout", "1")
    broken = [case for case in report()["cases"] if case["op"] == "MatMulInteger"]
    assert [case["result"] for case in broken] == [kind, kind]
    assert words in broken[0]["detail"]
    assert ran.code == 1 and f"2 {kind}, 1 cause" in ran.out
    assert (report()["summary"]["pass"], report()["summary"]["open"]) == (5, 1)


WRONG: dict[str, tuple[Callable[[Any], Any], str]] = {
    "none": (lambda y: [], "expected int32[2,2], got no outputs"),
    "two": (lambda y: [y, y], "got int32[2,2], int32[2,2]"),
    "dtype": (lambda y: [Tensor("uint32", y.data.astype(np.uint32))], "got uint32[2,2]"),
    "shape": (lambda y: [Tensor("int32", y.data[0])], "got int32[2]"),
    "empty": (lambda y: [Tensor("int32", y.data[:0])], "got int32[0,2]"),
    "transposed": (lambda y: [Tensor("int32", y.data.T.copy())], "2 of 4 elements wrong, −21 to +21"),
    "NaN bits": (lambda y: [Tensor("float32", np.full((2, 2), np.nan, np.float32))], "got float32[2,2]"),
}


@pytest.mark.parametrize("name", WRONG)
def test_wrong_outputs_fail(cli: Cli, engine: Make, answers: Answers, name: str) -> None:
    change, words = WRONG[name]
    right = answers["right"]
    ran = cli("conform", engine(lambda r: change(right(r)[0]) if r.op == "MatMulInteger" else right(r)))
    (found,) = [case for case in report()["cases"] if case["result"] == "fail"]
    assert "/square/" in found["id"] and words in found["detail"]
    assert ran.code == 1 and report()["summary"]["pass"] == 6


@pytest.mark.parametrize("error", [Unsupported("no int8 here"), InvalidInput("no int8 here")])
def test_rejections_are_unsupported(cli: Cli, engine: Make, answers: Answers, error: Exception) -> None:
    def answer(request: Any) -> Any:
        if "square" in request.op or request.op == "Requantize":
            raise error
        return answers["right"](request)

    ran = cli("conform", engine(answer))
    rejected = [case for case in report()["cases"] if case["op"] == "Requantize"]
    assert {(case["result"], case["detail"]) for case in rejected} == {("unsupported", "no int8 here")}
    assert ran.code == 0


def test_error_cases(cli: Cli, engine: Make) -> None:
    def result(error: Exception | None) -> str:
        def answer(request: Any) -> Any:
            if error is not None:
                raise error
            return [tensor([1], "int8")]

        cli("conform", engine(answer))
        return str(next(case["result"] for case in report()["cases"] if "/error/" in case["id"]))

    assert result(InvalidInput("x")) == "pass"
    assert result(Unsupported("x")) == "unsupported"
    assert result(None) == "fail"


def test_open_cases_do_not_count(cli: Cli, engine: Make) -> None:
    ran = cli("conform", engine())
    (case,) = [case for case in report()["cases"] if case["result"] == "open"]
    assert ran.code == 0 and case["detail"] == "int8[1] (-128)"
    assert cli("conform", engine(), "--case", "QuantizeLinear/nan/*").code == 0
    assert (
        cli("conform", engine(at={"QuantizeLinear": "sys.exit(1)"}), "--case", "*/nan/*", "--case", "*/tie/*").code == 1
    )


@pytest.mark.parametrize("at", ["print(json.dumps({'id': number, 'unsupported': 'x'}), flush=True)", "sys.exit(1)"])
def test_nothing_passes(cli: Cli, engine: Make, at: str) -> None:
    ran = cli("conform", engine(at={"Requantize": at}), "--op", "Requantize")
    assert ran.code == 2
    assert ran.out.rstrip().endswith("exit 2")


def test_strict(cli: Cli, engine: Make, answers: Answers) -> None:
    one = engine(answers["halves_up"])
    assert cli("conform", one, "--case", "*/tie-any/*").code == 0
    assert cli("conform", one, "--case", "*/tie-any/*", "--strict").code == 2
    assert cli("conform", one, "--case", "*/tie-any/*", "--case", "*/square/*", "--strict").code == 1


def test_require(cli: Cli, engine: Make) -> None:
    one = engine(at={"MatMulInteger": "print(json.dumps({'id': number, 'unsupported': 'x'}), flush=True)"})
    assert cli("conform", one).code == 0
    ran = cli("conform", one, "--require", "MatMulInteger", "--require", "Requantize")
    assert ran.code == 1
    assert "required, but not supported: MatMulInteger" in ran.out
    assert "not supported: Requantize" not in ran.out
    assert cli("conform", one, "--require", "Conv").code == 1


def test_expect(cli: Cli, engine: Make, answers: Answers) -> None:
    one, known = engine(answers["one_more"]), Path("known.toml")
    known.write_text('["MatMulInteger/square/*"]\nresult = "fail"\nreason = "adds one"\n')
    assert cli("conform", one, "--expect", "known.toml").code == 0
    ran = cli("conform", engine(name="right"), "--expect", "known.toml")  # an unexpected pass
    assert ran.code == 1
    assert "expected fail, is pass (adds one)" in ran.out
    known.write_text('["Nothing/*"]\nresult = ["fail", "crash"]\nreason = "x"\n')
    ran = cli("conform", one, "--expect", "known.toml")
    assert ran.code == 1 and "no case has this name: Nothing/*" in ran.out


@pytest.mark.parametrize(
    "text",
    [
        "[[",
        '["a"]\nresult = "fail"\n',
        '["a"]\nresult = "fails"\nreason = "x"\n',
        "a = 1\n",
        '["a"]\nresult = []\nreason="x"',
    ],
)
def test_expect_that_cannot_be_read(cli: Cli, text: str) -> None:
    Path("known.toml").write_text(text)
    ran = cli("conform", "reference", "--expect", "known.toml")
    assert ran.code == 2 and ran.err.startswith("qref: known.toml") and ran.err.count("\n") == 1


def test_repeat(cli: Cli, engine: Make) -> None:
    bits = ["AAAA", "AQAA", "AgAA"]  # int8 [0, 0, 0], [1, 0, 0], [2, 0, 0]
    y = f"{{'dtype': 'int8', 'shape': [3], 'data': {bits}[(asked - 1) // 2]}}"
    one = engine(at={"Requantize": f"print(json.dumps({{'id': number, 'outputs': [{y}]}}), flush=True)"})
    ran = cli("conform", one, "--repeat", "3", "--op", "Requantize", "--case", "*/tie-*")
    assert ran.code == 2
    assert "2 elements in 2 cases change between repetitions" in ran.out
    assert all("1 element changed in 3 repetitions" in case["detail"] for case in report()["cases"])
    assert "No element changes in 2 repetitions" in cli("conform", engine(), "--repeat", "2").out


def test_jobs_give_the_same_report(cli: Cli, engine: Make, answers: Answers) -> None:
    one = engine(answers["halves_up"])
    assert cli("conform", one).code == cli("conform", one, "--jobs", "3", "--json", "three.json").code == 1
    assert report() == report("three.json")


def test_filters(cli: Cli, engine: Make) -> None:
    def count(*arguments: str) -> int:
        cli("conform", engine(), *arguments)
        return len(report()["cases"])

    assert count("--op", "Requantize") == count("--op", "qref:Requantize") == 3
    assert count("--op", "Requantize", "--op", "MatMulInteger") == 5
    assert count("--case", "*/tie*") == 3
    key = report()["cases"][0]["id"].rsplit("/", 1)[1]
    assert count("--case", key) == count("--case", key[:6]) == 1
    assert count("--suite", "small") == 8


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["nix"], "there are reference, numba, onnxruntime"),
        ([], "which engine?"),
        (["reference", "--suite", "nix"], "there are: small"),
        (["reference", "--op", "nix"], "there are qref:Requantize"),
        (["reference", "--case", "nix"], "no case is called 'nix'"),
        (["reference", "--profile", "nix"], "there are onnx, tflite-double"),
        (["reference", "--timeout", "0"], "positive"),
        (["reference", "--timeout", "nan"], "positive"),
        (["reference", "--expect", "nix.toml"], "nix.toml cannot be read"),
        (["reference", "--json", "nix/report.json"], "nix/report.json cannot be written"),
        (["reference", "--junit", "nix/report.xml"], "nix/report.xml cannot be written"),
        (["reference", "--requests", "r.jsonl"], "leave ENGINE out"),
        (["--requests", "nix/r.jsonl"], "cannot be written"),
        (["cmd:./nix"], "no such program"),
        (["cmd:"], "needs a program"),
        (["answers:nix.jsonl"], "cannot be read"),
    ],
)
def test_what_cannot_run_is_one_line(cli: Cli, arguments: list[str], words: str) -> None:
    ran = cli("conform", *arguments)
    assert ran.code == 2
    assert ran.err.startswith("qref: ") and ran.err.count("\n") == 1 and words in ran.err
    assert ran.out == ""
    assert list(Path().iterdir()) == []


def test_engine_without_hello(cli: Cli) -> None:
    Path("engine").write_text("#!/bin/sh\necho no GPU here >&2\nexit 3\n")
    Path("engine").chmod(0o755)
    ran = cli("conform", "cmd:./engine")
    assert ran.code == 2
    assert "does not answer Hello" in ran.err and '"op":"Hello"' in ran.err and "no GPU here" in ran.err


def test_junit(cli: Cli, engine: Make, answers: Answers) -> None:
    cli("conform", engine(answers["halves_up"]), "--junit", "report.xml")
    root = ElementTree.parse("report.xml").getroot()
    suites = {suite.get("name"): suite for suite in root}
    assert suites["small.Requantize"].get("tests") == "3"
    assert suites["small.Requantize"].get("failures") == "2"
    assert suites["small.QuantizeLinear"].get("skipped") == "1"
    failure = root.find(".//failure")
    assert failure is not None and "expected" in str(failure.get("message"))


def test_words_that_no_file_can_hold(cli: Cli, engine: Make) -> None:
    words = {"id": 0, "unsupported": "\x00\x1b[31m\ud800 red\x85\ufffe"}
    code = f"print(json.dumps({words!r} | {{'id': number}}), flush=True)"
    ran = cli("conform", engine(at={"MatMulInteger": code}), "--junit", "report.xml")
    assert ran.code == 0 and "\x1b" not in ran.out
    ElementTree.parse("report.xml")
    assert report()["summary"]["unsupported"] >= 1


def test_command_that_no_file_can_hold(cli: Cli, engine: Make) -> None:
    ran = cli("conform", engine() + " \x01\udcff", "--junit", "report.xml")
    assert ran.code == 0
    assert "\ufffd\ufffd" in str(ElementTree.parse("report.xml").getroot().get("name"))
    assert report()["engine"]["command"].endswith("\x01\udcff")


def test_what_breaks_is_said(cli: Cli, engine: Make) -> None:
    tensors = [{"dtype": "int7", "shape": [], "data": ""}]
    code = f"print(json.dumps({{'id': number, 'outputs': {tensors!r}}}), flush=True)"
    ran = cli("conform", engine(at={"MatMulInteger": code}))
    assert "  fault  output 0: " in ran.out and "int7" in ran.out


def test_a_profile_that_is_none_of_qrefs(cli: Cli, engine: Make) -> None:
    assert "It says it follows: my-own, none of qref's profiles (onnx, " in cli("conform", engine(profile="my-own")).out


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no device that is full")
@pytest.mark.parametrize("option", ["--json", "--junit"])
def test_a_report_that_cannot_be_written_loses_no_verdict(cli: Cli, engine: Make, option: str) -> None:
    ran = cli("conform", engine(), option, "/dev/full")
    assert ran.code == 2 and "/dev/full cannot be written" in ran.err and ran.err.count("\n") == 1
    assert "8 cases in" in ran.out and "\nall " in ran.out and ran.out.rstrip().endswith("exit 2")
    assert len(list(Path().glob(".qref-*.jsonl"))) == 1  # --resume asks nothing again


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_folder_without_permission(cli: Cli, engine: Make) -> None:
    Path().chmod(stat.S_IRUSR | stat.S_IXUSR)
    try:
        ran = cli("conform", engine())
    finally:
        Path().chmod(stat.S_IRWXU)
    assert ran.code == 0 and "Report:" not in ran.out
    assert ran.err.startswith("qref: no report:") and ran.err.count("\n") == 1


def test_report_that_cannot_be_written_changes_no_verdict(cli: Cli, engine: Make) -> None:
    Path("qref-tested.json").mkdir()
    ran = cli("conform", engine())
    assert ran.code == 0 and "Report:" not in ran.out
    assert ran.err.startswith("qref: no report:") and ran.err.count("\n") == 1


def test_tampered_vectors(cli: Cli, folder: Path) -> None:
    path = folder / "vectors" / "small.json"
    path.write_bytes(path.read_bytes().replace(b"made for the tests", b"made for the tests!", 1))
    ran = cli("conform", "reference")
    assert ran.code == 2 and "SHA-256" in ran.err and ran.err.count("\n") == 1


@pytest.mark.parametrize("content", [b"", b"{}", b"[" * 10**5, b"\xff", b'{"schema": 1, "suite": "small"}'])
def test_malformed_vectors(cli: Cli, folder: Path, content: bytes) -> None:
    (folder / "vectors" / "small.json").write_bytes(content)
    digests = {path: manifest.sha256(folder / path) for path in manifest.covered(folder)}
    (folder / "manifest.json").write_bytes(manifest.dump("1.0", digests))
    ran = cli("conform", "reference")
    assert ran.code == 2 and "small.json" in ran.err and ran.err.count("\n") == 1


@pytest.mark.parametrize("content", [b"", b"{}", b"null", b'{"version": "1.0", "files": {}}'])
def test_tampered_manifest(cli: Cli, folder: Path, content: bytes) -> None:
    (folder / "manifest.json").write_bytes(content)
    ran = cli("conform", "reference")
    assert ran.code == 2 and "manifest.json" in ran.err and ran.err.count("\n") == 1


def test_python_api(engine: Make, answers: Answers) -> None:
    done = qref.conform(engine(answers["halves_up"]))
    assert done.exit_code == 1 and done.counts["fail"] == 2
    done.save("x.json")
    assert report("x.json") == done.report
    assert qref.conform(engine(), ops=["MatMulInteger"]).counts["pass"] == 2
    with pytest.raises(QrefError):
        qref.conform("nix")
