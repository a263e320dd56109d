"""A tiny conformance folder: three right cases, with a spec and a mistake of its own."""

import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from qref.errors import OutsideDomain
from qref.mistakes import Mistake
from qref.numerics.profiles import PROFILES
from qref.numerics.tensor import Tensor, tensor
from qref.ops import requantization, run
from qref.ops.request import Request
from qref.vectors import data, discriminate, manifest, requirements, suite_json, verify
from qref.vectors.case import Case, Expect, Note, ProfileResult, Suite
from qref.vectors.requirements import Requirement


def requantize(accumulators: list[int], zero_point: int = 0, scale: float = 0.5) -> Request:
    """A request for qref:Requantize with the combined scale `scale`."""
    one = tensor(np.float32(1), "float32")
    inputs = (tensor(accumulators, "int32"), tensor(np.float32(scale), "float32"), one, one, tensor(zero_point, "int8"))
    return Request("Requantize", "qref", 1, {}, inputs)


def complete(request: Request, slug: str, kind: str = "exact", flags: tuple[str, ...] = ("tie",)) -> Case:
    """The case of a request that the reference answers."""
    outputs = () if kind == "error" else tuple(run(request))
    found = None if kind == "error" else requantization(request)
    key = suite_json.case_key(request)
    return Case(
        id=f"{request.op}/{slug}/{key}",
        suite="tiny",
        request=request,
        outputs=outputs,
        expect=Expect(kind),
        requirements=("QREF-RQ-001",),
        flags=flags,
        comment="made for the tests",
        accumulator=None if found is None else tensor(found.accumulator, "int32"),
        profiles=None if found is None else profiles(request, outputs),
    )


def profiles(request: Request, outputs: tuple[Tensor, ...]) -> dict[str, ProfileResult]:
    """What every profile makes of a request."""
    results = {}
    for name in sorted(PROFILES):
        try:
            answer = tuple(run(replace(request, profile=name)))
        except OutsideDomain as error:
            results[name] = ProfileResult(outside=str(error))
        else:
            same = all(y.same(other) for y, other in zip(answer, outputs))
            results[name] = ProfileResult(outputs=None if same else answer)
    return results


def away_from_zero(request: Request) -> list[Tensor]:
    """Requantize with a scale of a half, halves rounded away from zero."""
    accumulator, zero_point = request.inputs[0], request.inputs[4]
    assert accumulator is not None and zero_point is not None
    halves = np.sign(accumulator.data) * ((np.abs(accumulator.data) + 1) // 2)
    return [tensor(halves + int(zero_point.data.flat[0]), "int8")]


@pytest.fixture
def tiny(monkeypatch: pytest.MonkeyPatch) -> Suite:
    """Three cases: two ties, and one that is refused."""
    mistake = Mistake(
        "away", ("Requantize",), ("tie",), "halves away from zero", "round to even", "only at ties", away_from_zero
    )
    for module in (verify, discriminate):
        monkeypatch.setattr(module, "MISTAKES", {"away": mistake})
    one = Requirement("QREF-RQ-001", "text", "a source", "It shall.", ("qref.ops.run",), (), "rounding.md", 1)
    monkeypatch.setattr(requirements, "all", lambda: {"QREF-RQ-001": one})
    refused = requantize([1])
    refused = replace(refused, inputs=(*refused.inputs[:4], tensor([0, 0], "int8")))
    cases = (
        complete(requantize([5, -5, 3]), "ties"),
        complete(requantize([1, 2]), "tie-and-whole"),
        complete(refused, "two-zero-points", "error", ()),
    )
    return Suite("tiny", "1.0", {"tie": Note("exact halves", ("away",), ("onnx/onnx#1",))}, cases)


@pytest.fixture
def folder(tmp_path: Path, tiny: Suite, monkeypatch: pytest.MonkeyPatch) -> Path:
    """conformance/ with the tiny suite, schemas, manifest and no errata."""
    shutil.copytree(data.conformance() / "schema", tmp_path / "schema")
    (tmp_path / "vectors").mkdir()
    (tmp_path / "errata.json").write_text("[]\n")
    publish(tmp_path, tiny)
    monkeypatch.setattr(data, "conformance", lambda: tmp_path)
    return tmp_path


def publish(folder: Path, suite: Suite) -> None:
    """Writes a suite and the manifest."""
    (folder / "vectors" / f"{suite.name}.json").write_bytes(suite_json.dump(suite))
    digests = {path: manifest.sha256(folder / path) for path in manifest.covered(folder)}
    (folder / manifest.NAME).write_bytes(manifest.dump(suite.version, digests))


@pytest.fixture
def republish(folder: Path):  # type: ignore[no-untyped-def]
    """Writes a changed suite into the folder."""
    return lambda suite: publish(folder, suite)
