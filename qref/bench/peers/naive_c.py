"""Naive loops in C, compiled by `cc -O3 -march=native`: what a fast path must not be slower than."""

import ctypes
import shutil
import subprocess
import tempfile
from collections.abc import Mapping
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qref.bench.peers.peer import Peer, Run
from qref.conv.geometry import Geometry
from qref.errors import MissingExtra, UsageError

LOOPS = ("textbook", "rows")


def check() -> None:
    """Raises MissingExtra where there is no C compiler."""
    if shutil.which("cc") is None:
        raise MissingExtra("there is no C compiler `cc`: install gcc or clang")


def compiler() -> str:
    """The first line of what the compiler says of itself."""
    done = subprocess.run(["cc", "--version"], capture_output=True, text=True, check=False)
    return done.stdout.partition("\n")[0]


@cache
def compiled() -> ctypes.CDLL:
    """The loops. Raises UsageError where the compiler fails."""
    with tempfile.TemporaryDirectory(prefix="qref-bench-") as folder:
        library = Path(folder) / "naive.so"
        with resources.as_file(resources.files("qref.bench.peers") / "naive.c") as source:
            command = ["cc", "-O3", "-march=native", "-std=c99", "-shared", "-fPIC", str(source), "-o", str(library)]
            done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            raise UsageError(f"{' '.join(command)} fails: {done.stderr.strip()[-300:]}")
        return ctypes.CDLL(str(library))


def prepare(
    w: NDArray[Any], geometry: Geometry, dtype: str, x_shape: tuple[int, ...], threads: int
) -> Mapping[str, Run]:
    """Both loops, on one thread whatever was asked; for float32 in two dimensions without groups and dilation."""
    plain = geometry.group == 1 and geometry.dilations == (1, 1) and x_shape[0] == 1
    if dtype != "float32" or not plain:
        return {}
    library = compiled()
    (_, C, H, W), (M, _, R, S) = x_shape, w.shape
    out_h, out_w = geometry.output((H, W))
    numbers = (C, H, W, M, R, S, *geometry.strides, *geometry.pads_begin, out_h, out_w)
    weights = np.ascontiguousarray(w)

    def loop(name: str) -> Run:
        function = getattr(library, name)

        def run(x: NDArray[Any]) -> NDArray[Any]:
            y = np.empty((1, M, out_h, out_w), np.float32)
            pointers = (ctypes.c_void_p(array.ctypes.data) for array in (x, weights, y))
            function(*pointers, *map(ctypes.c_long, numbers))
            return y

        return run

    return {name: loop(name) for name in LOOPS}


NAIVE_C = Peer("naive-c", check, prepare, compiler)
