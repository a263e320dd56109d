"""A small conformance folder, engines for it, and `qref` run on it, in this process or in one of its own."""

import json
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pytest

import qref
from qref import ops
from qref.engines import protocol
from qref.engines.protocol import Reply
from qref.errors import NotFixed, OutsideDomain, QrefError, Unsupported
from qref.numerics.profiles import PROFILES
from qref.numerics.tensor import Tensor, tensor
from qref.ops.request import Request
from qref.vectors import data, manifest, suite_json
from qref.vectors.case import Alternative, Case, Expect, Note, ProfileResult, Suite

PYTHONPATH = str(Path(qref.__file__).parent.parent)
Answer = Callable[[Request], Sequence[Tensor]]

# A program without packages that looks its answers up, or does what stands there instead of one.
LOOKUP = """
import json, os, signal, sys, time
table, hello = json.load(open(sys.argv[1])), sys.argv[2]
asked = 0
for line in sys.stdin:
    request = json.loads(line)
    if request["op"] == "Hello":
        print(hello, flush=True)
        continue
    asked += 1
    number = request["id"]
    entry = table[f"{number} {request.get('profile')}"]
    if isinstance(entry, str):
        exec(entry)
    else:
        print(json.dumps(entry), flush=True)
"""


@dataclass(frozen=True)
class Ran:
    """What a command gave."""

    code: int
    out: str
    err: str


def requantize(accumulators: Sequence[int], zero_point: int = 0, scale: float = 0.5) -> Request:
    """A qref:Requantize with one scale."""
    scales = (tensor(np.float32(s), "float32") for s in (scale, 1, 1))
    inputs = (tensor(accumulators, "int32"), *scales, tensor(zero_point, "int8"))
    return Request("Requantize", "qref", 1, {}, inputs)


def quantize(values: Sequence[float], axis: int = 1) -> Request:
    """A QuantizeLinear-13 with scale 0.5."""
    x, attributes = tensor(np.float32(values), "float32"), {} if axis == 1 else {"axis": axis}
    return Request("QuantizeLinear", "", 13, attributes, (x, tensor(np.float32(0.5), "float32"), tensor(1, "int8")))


def matmul(a: Sequence[Sequence[int]], b: Sequence[Sequence[int]]) -> Request:
    """A MatMulInteger of int8 matrices."""
    return Request("MatMulInteger", "", 10, {}, (tensor(a, "int8"), tensor(b, "int8")))


def profiles(request: Request, outputs: tuple[Tensor, ...]) -> dict[str, ProfileResult]:
    """What each profile makes of a request."""
    found = {}
    for name in sorted(PROFILES):
        try:
            theirs = tuple(ops.run(replace(request, profile=name)))
        except OutsideDomain as error:
            found[name] = ProfileResult(outside=str(error))
        else:
            same = all(y.same(other) for y, other in zip(theirs, outputs))
            found[name] = ProfileResult(outputs=None if same else theirs)
    return found


def case(slug: str, request: Request, expect: Expect | None = None) -> Case:
    """The case of a request, with the reference's answer."""
    kind = expect.kind if expect is not None else "exact"
    outputs = () if kind in ("error", "open") else tuple(ops.run(request))
    requantizing = kind not in ("error", "open") and ops.requantization(request) is not None
    return Case(
        id=f"{request.op}/{slug}/{suite_json.case_key(request)}",
        suite="small",
        request=request,
        outputs=outputs,
        expect=expect or Expect("exact"),
        requirements=("QREF-RQ-001",),
        flags=("tie",),
        comment="made for the tests",
        accumulator=request.inputs[0] if requantizing else None,
        profiles=profiles(request, outputs) if requantizing else None,
    )


def small() -> list[Case]:
    """Eight cases of every kind but bound: three requantize, of these one has an acceptable answer."""
    acceptable = Alternative((tensor([2, -1, 51], "int8"),), "halves up")
    return [
        case("tie", requantize([5, -5, 7, 100])),
        case("tie-zero-point", requantize([5, 9, -3], zero_point=3)),
        case("tie-any", requantize([3, -3, 101]), Expect("any-of", (acceptable,))),
        case("plain", quantize([1.0, -2.0, 0.75])),
        case("range", quantize([1000.0, -1000.0])),
        case("square", matmul([[1, 2], [3, 4]], [[5, 6], [7, 8]])),
        case("error", matmul([[1, 2]], [[1, 2]]), Expect("error")),
        case("nan", quantize([float("nan")]), Expect("open")),
    ]


def run(request: Request) -> Sequence[Tensor]:
    """The reference's answer, and one for NaN."""
    try:
        return ops.run(request)
    except NotFixed:
        return [tensor([-128], "int8")]


def halves_up(request: Request) -> Sequence[Tensor]:
    """Like the reference, but what requantizes follows tflite-single."""
    return run(replace(request, profile="tflite-single") if request.domain == "qref" else request)


def one_more(request: Request) -> Sequence[Tensor]:
    """Like the reference, but MatMulInteger adds one."""
    outputs = run(request)
    return [Tensor(y.dtype, y.data + y.data.dtype.type(1)) if request.op == "MatMulInteger" else y for y in outputs]


def write(root: Path, cases: Sequence[Case]) -> None:
    """Writes a conformance folder with one suite of `cases`."""
    if not root.exists():
        shutil.copytree(data.conformance() / "schema", root / "schema")
        (root / "vectors").mkdir()
    suite = Suite("small", "1.0", {"tie": Note("halves", (), ())}, tuple(cases))
    (root / "vectors" / "small.json").write_bytes(suite_json.dump(suite))
    sign(root)


def sign(root: Path) -> None:
    """Writes the manifest for what the folder holds."""
    digests = {path: manifest.sha256(root / path) for path in manifest.covered(root)}
    (root / "manifest.json").write_bytes(manifest.dump("1.0", digests))


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A conformance folder with the suite `small`, which this process uses; the current folder is an empty one."""
    root = tmp_path / "conformance"
    write(root, small())
    monkeypatch.setattr(data, "conformance", lambda: root)
    work = tmp_path / "work"
    work.mkdir()
    monkeypatch.chdir(work)
    monkeypatch.setenv("PYTHONPATH", PYTHONPATH)
    return root


@pytest.fixture
def cli(folder: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Callable[..., Ran]:
    """Runs `qref` in this process."""

    def run(*arguments: str) -> Ran:
        from qref.cli.main import main

        monkeypatch.setattr(sys, "argv", ["qref", *arguments])
        code = 0
        try:
            main()
        except SystemExit as end:
            code = end.code if isinstance(end.code, int) else 0
        out, err = capfd.readouterr()
        return Ran(code, out, err)

    return run


@pytest.fixture
def start(folder: Path) -> Callable[..., "subprocess.Popen[str]"]:
    """Starts `qref` on the small suite in a process of its own."""

    def run(*arguments: str) -> "subprocess.Popen[str]":
        code = (
            "import signal, sys; from pathlib import Path; from qref.vectors import data\n"
            # what a shell starts in the background ignores Ctrl-C, and so would its children
            "signal.signal(signal.SIGINT, signal.default_int_handler)\n"
            f"data.conformance = lambda: Path({str(folder)!r})\n"
            "from qref.cli.main import main; main()"
        )
        command = [sys.executable, "-c", code, *arguments]
        return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

    return run


@pytest.fixture
def engine(tmp_path: Path, folder: Path) -> Callable[..., str]:
    """Makes an engine that answers the suite as `answer` does, but runs the code that `at` holds for an operator.

    Returns its name for the command line.
    """

    def make(
        answer: Answer = run, at: Mapping[str, str] | None = None, profile: str | None = None, name: str = "tested"
    ) -> str:
        script, table = tmp_path / "lookup.py", tmp_path / f"{name}.json"
        script.write_text(LOOKUP, encoding="utf-8")
        entries: dict[str, object] = {}
        for one in suite_json.read(folder / "vectors" / "small.json").cases:
            for judge in (None, *PROFILES):
                asked = replace(one.request, profile=judge)
                code = (at or {}).get(one.request.op)
                entries[f"{one.number} {judge}"] = code or protocol.answer_object(reply(answer, asked), one.number)
        table.write_text(json.dumps(entries), encoding="utf-8")
        hello = {"id": 0, "protocol": 1, "name": name, "version": "1.0", "profile": profile}
        return f"cmd:{sys.executable} -I -S {script} {table} '{json.dumps(hello)}'"

    return make


def reply(answer: Answer, request: Request) -> Reply:
    """What an engine that computes by `answer` replies."""
    try:
        return Reply("outputs", tuple(answer(request)))
    except Unsupported as error:
        return Reply("unsupported", words=str(error))
    except QrefError as error:
        return Reply("error", words=str(error))


@pytest.fixture
def answers() -> dict[str, Answer]:
    """Ways to answer: right, halves_up, one_more."""
    return {"right": run, "halves_up": halves_up, "one_more": one_more}
