"""Instruction sets to test under; and stale machine code is thrown away before these tests.

Numba's cache notices a change of a loop's own file, not of a file whose functions it has inlined.
"""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from qref.kernels.instructions import InstructionSet

CONV = Path(__file__).parents[2] / "qref" / "kernels" / "conv"
INLINED = ("rows.py", "steps.py", "planes.py", "copying.py", "../exponential.py")
WIDE = "sixteen-lanes"


def throw_away_stale_code() -> None:
    newest = max((CONV / name).stat().st_mtime for name in INLINED)
    for folder in (CONV, CONV.parent):
        for index in (folder / "__pycache__").glob("*.nbi"):
            with suppress(FileNotFoundError):  # another process was faster
                if index.stat().st_mtime < newest:
                    index.unlink()


throw_away_stale_code()


def sets() -> list[str]:
    """Those of this machine; without Numba none, and every test here skips itself."""
    if find_spec("numba") is None:
        return []
    from qref.kernels import instructions

    return [one.name for one in instructions.available()]


def wide() -> list[str]:
    """A tile as on AVX-512, which LLVM maps to whatever there is: for machines that have none."""
    return [] if {"vnni", "avx512"} & set(sets()) else [WIDE]


def float_sets() -> list[str]:
    """Those whose tiles of floats differ: the first of each kind."""
    return [one for one in sets() if not (one == "avx512" and "vnni" in sets())]


def force(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Has kernels take an instruction set."""
    from qref.kernels import instructions
    from qref.kernels.instructions import table

    if name == WIDE:
        sixteen = replace(table.named("portable"), name=WIDE, lanes=16, registers=32, pixels=14)
        monkeypatch.setattr(table, "SETS", (*table.SETS, sixteen))
        monkeypatch.setattr(instructions, "chosen", lambda: sixteen)
    else:
        monkeypatch.setenv("QREF_KERNELS", name)


@pytest.fixture(params=[*sets(), *wide()])
def instruction_set(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Every instruction set of this machine."""
    force(request.param, monkeypatch)
    return str(request.param)


@pytest.fixture(params=[*float_sets(), *wide()])
def float_set(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Every instruction set of this machine, one of those with the same tiles of floats."""
    force(request.param, monkeypatch)
    return str(request.param)


@pytest.fixture(scope="module")
def programs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A new folder for programs of kernels made wrong, and of tiles that no machine has."""
    return tmp_path_factory.mktemp("programs")


@pytest.fixture
def take(monkeypatch: pytest.MonkeyPatch, programs: Path) -> Callable[["InstructionSet"], None]:
    """Has kernels take an instruction set that is in no table, and keep its programs in a new folder."""
    from qref.kernels import instructions, program
    from qref.kernels.instructions import table

    def taken(one: "InstructionSet") -> None:
        monkeypatch.setattr(table, "SETS", (*table.SETS, one))
        monkeypatch.setattr(instructions, "chosen", lambda: one)
        monkeypatch.setattr(program, "folder", lambda: programs)

    return taken
