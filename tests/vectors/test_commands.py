from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from qref.cli import spec, vectors
from qref.errors import QrefError
from qref.vectors import data, suite_json
from qref.vectors.case import Suite

run = CliRunner()


def call(*words: str, app: Any = vectors.app) -> Result:
    result = run.invoke(app, list(words))
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


@pytest.fixture
def checkout(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder as the conformance/ of a checkout."""
    monkeypatch.setattr(vectors, "checkout", lambda: folder)
    return folder


def test_list(folder: Path) -> None:
    lines = call("list").output.splitlines()
    assert lines[1].split() == ["tiny", "Requantize", "3", "2", "0", "0", "1", "0"]


def test_verify(folder: Path) -> None:
    assert call("verify").output == "tiny: 3 cases hold\n"
    with pytest.raises(QrefError, match="'huge' does not exist; there are: tiny"):
        call("verify", "huge")


def test_verify_names_what_is_wrong(folder: Path) -> None:
    path = folder / "vectors" / "tiny.json"
    path.write_bytes(path.read_bytes().replace(b"made for", b"MADE FOR"))
    result = call("verify")
    assert result.exit_code == 1
    assert "vectors/tiny.json has SHA-256" in result.output
    assert result.output.endswith("1 problem\n")


def test_generate(checkout: Path, tiny: Suite, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(vectors, "generated", lambda: [tiny])
    assert call("generate").output == "nothing changed\n"
    assert call("generate", "--check").exit_code == 0
    monkeypatch.setattr(vectors, "generated", lambda: [replace(tiny, cases=tiny.cases[:2])])
    checked = call("generate", "--check")
    assert checked.exit_code == 1
    assert "differs" in checked.output
    assert len(suite_json.load("tiny").cases) == 3
    assert call("generate", "--publish").exit_code == 0
    assert len(suite_json.load("tiny").cases) == 2
    assert (checkout / "published.json").is_file()


def test_a_suite_without_a_generator_goes(checkout: Path, tiny: Suite, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(vectors, "generated", lambda: [replace(tiny, name="new")])
    call("generate")
    assert [path.name for path in (checkout / "vectors").iterdir()] == ["new.json"]


def test_two_versions_are_refused(checkout: Path, tiny: Suite, monkeypatch: pytest.MonkeyPatch) -> None:
    second = replace(tiny, name="second", version="1.1", cases=())
    monkeypatch.setattr(vectors, "generated", lambda: [tiny, second])
    with pytest.raises(QrefError, match=r"the versions 1\.0, 1\.1"):
        call("generate")


def test_discriminate(checkout: Path) -> None:
    result = call("discriminate", "--write", "--jobs", "1")
    assert "onnx and xnnpack-fp32: no case separates them, and no proof says why" in result.output
    assert result.exit_code == 1
    assert "kills.json says otherwise" not in call("discriminate", "--check", "--jobs", "1").output
    (checkout / "kills.json").write_text("{}")
    assert "kills.json says otherwise" in call("discriminate", "--check", "--jobs", "1").output


def test_trace(folder: Path) -> None:
    assert "QREF-RQ-001" in call("trace", app=spec.app).output
    assert '"name": "spec-trace"' in call("trace", "--json", app=spec.app).output


def test_writing_needs_a_checkout(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(data, "checkout", lambda: None)
    with pytest.raises(QrefError, match="clone the repository"):
        call("generate")
    with pytest.raises(QrefError, match="clone the repository"):
        call("trace", "--check", app=spec.app)
