"""Programs: kernels whose source is written for their parameters, compiled by Numba, kept on disk.

Numba's cache knows a function by its own file and bytecode; it does not see what an intrinsic was made with, nor a
change of a file whose functions were inlined. So each program is a file of its own, in a folder named by a hash of its
text, of all sources of qref.kernels, and of the versions of the compilers: another parameter is another file.
"""

import hashlib
import importlib.util
import os
import shutil
import sys
import tempfile
from collections.abc import Callable
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any

import llvmlite
import numba

SOURCES = Path(__file__).parent


@cache
def sources() -> str:
    """A hash of everything but its own text that a program's code depends on."""
    found = hashlib.sha256(f"numba {numba.__version__} llvmlite {llvmlite.__version__}".encode())
    for path in sorted(SOURCES.rglob("*.py")):
        found.update(path.relative_to(SOURCES).as_posix().encode())
        found.update(path.read_bytes())
    return found.hexdigest()


def folder() -> Path:
    """Where programs are kept: NUMBA_CACHE_DIR, else the user's folder for caches."""
    given = os.environ.get("NUMBA_CACHE_DIR")
    if given:
        return Path(given) / "qref"
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "qref" / "kernels"


@cache
def compiled(text: str) -> Callable[..., Any]:
    """The function `kernel` of a module with this text.

    A folder that cannot be written is no error: the program is compiled again in the next process. Nor are files that
    are damaged, as a full disk leaves them: they are made again.
    """
    name = hashlib.sha256((text + sources()).encode()).hexdigest()[:24]
    place = folder() / name
    with suppress(Exception):  # of Numba's or pickle's, whatever a damaged file makes of them
        return loaded(name, written(place, text))
    shutil.rmtree(place, ignore_errors=True)
    with suppress(OSError, RuntimeError):  # Numba's for a folder that cannot be written
        return loaded(name, written(place, text))
    return loaded(name, written(Path(tempfile.mkdtemp(prefix="qref-kernels-")), text))


def loaded(name: str, path: Path) -> Callable[..., Any]:
    """The function `kernel` of a file."""
    spec = importlib.util.spec_from_file_location(f"qref_program_{name}", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # what Numba has kept on disk asks for its module by name
    spec.loader.exec_module(module)
    kernel: Callable[..., Any] = module.kernel
    return kernel


def written(folder: Path, text: str) -> Path:
    """The file, written whole or not at all: several processes may want it at once."""
    path = folder / "kernel.py"
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile("w", encoding="utf-8", dir=folder, delete=False) as file:
            file.write(text)
        os.replace(file.name, path)
    return path
