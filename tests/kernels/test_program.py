"""Programs on disk: found again by another process, never found for other parameters or other sources."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("numba")
from qref.kernels import program

CODE = """
import numpy as np
from qref.conv.geometry import Geometry
from qref.kernels.conv import float32_direct as f
g = Geometry((1, 1), (1, 1), (1, 1), (0, 0), (0, 0))
x, w = np.float32([[[[-3, 4]]]]), np.ones((1, 1, 1, 1), np.float32)
packed = f.pack(w, g)
print(f.direct(x, packed, g).ravel(), f.direct(x, packed, g, residual=x).ravel())
"""


def in_a_process(folder: Path) -> tuple[str, int]:
    """What it prints, and how many files of machine code there are then."""
    environment = os.environ | {"XDG_CACHE_HOME": str(folder)}
    environment.pop("NUMBA_CACHE_DIR", None)
    done = subprocess.run([sys.executable, "-c", CODE], env=environment, capture_output=True, text=True, check=True)
    return done.stdout, len(list(folder.rglob("*.nbc")))


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, tuple[str, int]]:
    """The folder that a first process leaves, and what came of it."""
    folder = tmp_path_factory.mktemp("programs")
    return folder, in_a_process(folder)


def test_a_second_process_finds_the_code_and_parameters_are_told_apart(first: tuple[Path, tuple[str, int]]) -> None:
    folder, (printed, made) = first
    assert printed == "[-3.  4.] [-6.  8.]\n"
    assert made > 0
    assert in_a_process(folder) == (printed, made)


def test_a_folder_that_cannot_be_written_is_no_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    assert in_a_process(tmp_path / "file" / "below")[0] == "[-3.  4.] [-6.  8.]\n"


@pytest.mark.parametrize("damaged", ["*.nbi", "*.nbc", "kernel.py"])
def test_damaged_files_are_made_again(tmp_path: Path, damaged: str, first: tuple[Path, tuple[str, int]]) -> None:
    """A full disk leaves files that are empty."""
    folder, expected = first
    shutil.copytree(folder, tmp_path, dirs_exist_ok=True)
    assert list(tmp_path.rglob(damaged))
    for path in tmp_path.rglob(damaged):
        path.write_bytes(b"")
    assert in_a_process(tmp_path) == expected
    assert all(path.stat().st_size for path in tmp_path.rglob(damaged))


def test_a_folder_with_programs_that_can_only_be_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Numba then has no place for machine code, and says so by an error of its own."""
    monkeypatch.setattr(program, "folder", lambda: tmp_path)
    right = program.loaded

    def loaded(name: str, path: Path) -> object:
        if path.is_relative_to(tmp_path):
            raise RuntimeError("cannot cache function: no locator available")
        return right(name, path)

    monkeypatch.setattr(program, "loaded", loaded)
    program.compiled.cache_clear()
    assert callable(program.compiled("def kernel():\n    pass\n"))
    program.compiled.cache_clear()


def test_other_sources_are_other_programs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.delenv("NUMBA_CACHE_DIR", raising=False)
    found = []
    for state in ("one", "another"):
        monkeypatch.setattr(program, "sources", lambda state=state: state)
        program.compiled.cache_clear()
        found.append(program.compiled("kernel = object()\n"))
    program.compiled.cache_clear()
    assert found[0] is not found[1]
    assert len(list((tmp_path / "qref" / "kernels").iterdir())) == 2
