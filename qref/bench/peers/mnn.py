"""MNN: a convolution of float32, precision high. A network of its own for int8 is made by its converter only."""

import contextlib
import ctypes
import os
import sys
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qref.bench.peers.peer import Peer, Run
from qref.conv.geometry import Geometry
from qref.engines.versions import require, version


def check() -> None:
    """Raises MissingExtra where it is not installed."""
    require("MNN", "engines")


def prepare(
    w: NDArray[Any], geometry: Geometry, dtype: str, x_shape: tuple[int, ...], threads: int
) -> Mapping[str, Run]:
    """One network; for images in two dimensions, padded alike on both sides, without groups."""
    if dtype != "float32" or len(x_shape) != 4 or geometry.pads_begin != geometry.pads_end or geometry.group != 1:
        return {}
    with silent():
        module = loaded(w, geometry, x_shape, threads)
    from MNN import expr

    outputs: list[Any] = []  # of the last run, in whose memory the array lies

    def run(x: NDArray[Any]) -> NDArray[Any]:
        outputs[:] = module.forward([expr.const(x, list(x_shape), expr.NCHW)])
        y: NDArray[Any] = outputs[0].read()
        return y

    return {"conv2d": run}


def loaded(w: NDArray[Any], geometry: Geometry, x_shape: tuple[int, ...], threads: int) -> Any:
    """The network NCHW → NCHW, written to a file and loaded, as MNN prepares weights only then."""
    from MNN import expr, nn

    x = expr.placeholder(list(x_shape), expr.NCHW)
    x.name = "x"
    weights = expr.const(w, list(w.shape), expr.NCHW)
    bias = expr.const(np.zeros(len(w), np.float32), [len(w)], expr.NCHW)
    window = (part[::-1] for part in (geometry.strides, geometry.pads_begin, geometry.dilations))  # of width, of height
    convolved = expr.conv2d(expr.convert(x, expr.NC4HW4), weights, bias, *window, 1, expr.CAFFE)
    y = expr.convert(convolved, expr.NCHW)
    y.name = "y"
    runtime = nn.create_runtime_manager(({"numThread": threads, "precision": "high", "backend": "CPU"},))
    with tempfile.TemporaryDirectory(prefix="qref-bench-") as folder:
        path = str(Path(folder) / "network.mnn")
        expr.save([y], path)
        return nn.load_module_from_file(path, ["x"], ["y"], runtime_manager=runtime)


@contextlib.contextmanager
def silent() -> Iterator[None]:
    """Nothing that C++ prints, such as what the processor supports, gets to standard output."""
    sys.stdout.flush()
    kept, nowhere = os.dup(1), os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    try:
        yield
    finally:
        ctypes.CDLL(None).fflush(None)
        os.dup2(kept, 1)
        os.close(kept)
        os.close(nowhere)


MNN = Peer("mnn", check, prepare, lambda: version("MNN"))
