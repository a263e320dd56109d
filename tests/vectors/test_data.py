import os
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

from qref.errors import BadVectors
from qref.vectors import data

ROOT = data.checkout()


def test_the_checkout_is_read_where_there_is_no_copy() -> None:
    assert ROOT is not None
    assert data.conformance() == ROOT / "conformance"
    assert data.spec() == ROOT / "spec"


def test_a_copy_inside_the_package_comes_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    package = tmp_path / "qref"
    monkeypatch.setattr(data, "PACKAGE", package)
    with pytest.raises(BadVectors, match="install qref-conformance again"):
        data.conformance()
    (tmp_path / "conformance").mkdir()
    assert data.conformance() == tmp_path / "conformance"
    (package / "_data" / "conformance").mkdir(parents=True)
    assert data.conformance() == package / "_data" / "conformance"
    assert data.checkout() is None


def run(*command: object, cwd: Path, **environment: str) -> str:
    done = subprocess.run(
        [str(word) for word in command],
        cwd=cwd,
        env=os.environ | environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


PROBE = """
from qref.vectors import data, requirements, suite_json
print(data.conformance())
print(sum(len(suite.cases) for suite in suite_json.load_all()), len(requirements.all()))
"""


@pytest.mark.slow
def test_wheel_sdist_and_editable_hold_the_same_vectors(tmp_path: Path) -> None:
    assert ROOT is not None
    copy = tmp_path / "checkout"
    run("git", "clone", "--quiet", ROOT, copy, cwd=tmp_path)
    run(sys.executable, "-m", "hatchling", "build", "-d", tmp_path / "dist", cwd=copy)
    (sdist,) = (tmp_path / "dist").glob("*.tar.gz")
    with tarfile.open(sdist) as archive:
        archive.extractall(tmp_path / "source", filter="data")
    (source,) = (tmp_path / "source").iterdir()
    run(sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", tmp_path / "again", cwd=source)
    (wheel,), (again,) = (tmp_path / "dist").glob("*.whl"), (tmp_path / "again").glob("*.whl")
    assert zipfile.ZipFile(wheel).namelist() == zipfile.ZipFile(again).namelist()

    from_checkout = run(sys.executable, "-c", PROBE, cwd=copy, PYTHONPATH=str(copy)).splitlines()
    assert from_checkout[0] == str(copy / "conformance")
    for place in (install(wheel, tmp_path / "from_wheel"), install(again, tmp_path / "from_sdist")):
        found = run(sys.executable, "-c", PROBE, cwd=tmp_path, PYTHONPATH=str(place)).splitlines()
        assert found == [str(place / "qref" / "_data" / "conformance"), from_checkout[1]]


def install(wheel: Path, place: Path) -> Path:
    run(sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--target", place, wheel, cwd=wheel.parent)
    return place


@pytest.mark.slow
def test_an_editable_install_leaves_no_copy(tmp_path: Path) -> None:
    assert ROOT is not None
    copy = tmp_path / "checkout"
    run("git", "clone", "--quiet", ROOT, copy, cwd=tmp_path)
    script = "import hatchling.build; print(hatchling.build.build_editable('.'))"
    name = run(sys.executable, "-c", script, cwd=copy).split()[-1]
    assert not [entry for entry in zipfile.ZipFile(copy / name).namelist() if "_data" in entry]
