"""Memory: whatever a kernel allocates is seen, NumPy's arrays and Numba's, and told beside what is needed."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from typer.testing import CliRunner

from qref.cli.main import app
from qref.conv.ten_layers import layer

pytest.importorskip("numba")
from numba import njit

from qref.bench import command, memory
from qref.bench.memory import Footprint, footprints, goal, peak_bytes
from qref.kernels.conv.kernel import Kernel

SMALL = layer("small", 16, 20, 32, 3, 1, 1, "")
EXTRA = 300_000
SHAPES = SMALL.shapes
NEEDED = SHAPES.input_bytes + SHAPES.output_bytes + SHAPES.weight_bytes


@njit
def by_numba(size: int) -> float:
    workspace = np.zeros(size, np.uint8)
    return float(workspace[size // 2])


def by_numpy(size: int) -> float:
    return float(np.zeros(size, np.uint8)[0])


def nothing(size: int) -> float:
    return 0.0


def kernel(allocate: Callable[[int], float], packed_bytes: int = SHAPES.weight_bytes) -> Kernel:
    """One that allocates so much while it runs, and gives zeros."""

    def run(x: Any, packed: Any, geometry: Any, threads: int) -> Any:
        y = np.zeros(SHAPES.output, np.float32)
        y[0, 0, 0, 0] = allocate(EXTRA)
        return y

    return Kernel("allocating", lambda w, geometry: np.zeros(packed_bytes, np.uint8), run)


@pytest.mark.parametrize(("allocate", "extra"), [(nothing, 0), (by_numpy, EXTRA), (by_numba, EXTRA)])
def test_what_a_kernel_allocates_is_seen(allocate: Callable[[int], float], extra: int) -> None:
    assert peak_bytes(kernel(allocate), SMALL) == pytest.approx(NEEDED + extra, abs=5_000)


def test_padded_weights_are_seen() -> None:
    measured = peak_bytes(kernel(nothing, 2 * SHAPES.weight_bytes), SMALL)
    assert measured == pytest.approx(NEEDED + SHAPES.weight_bytes, abs=5_000)


def test_what_is_kept_by_shape_is_seen() -> None:
    kept: list[Any] = []

    def keep(size: int) -> float:
        if not kept:
            kept.append(np.zeros(size, np.uint8))
        return 0.0

    assert peak_bytes(kernel(keep), SMALL) == pytest.approx(NEEDED + EXTRA, abs=5_000)


def test_direct_convolution_takes_little_more_than_its_tensors() -> None:
    [one] = footprints([layer("mid", 64, 28, 64, 3, 1, 1, "")])
    assert 0.99 < one.ratio < 1.05


def test_the_goal_names_the_layer_that_misses() -> None:
    assert goal([Footprint("conv1", 104, 100), Footprint("conv2", 100, 100)]).verdict == "met"
    missed = goal([Footprint("conv1", 106, 100), Footprint("conv2", 100, 100)])
    assert missed.verdict == "missed"
    assert missed.detail.startswith("conv1 1.06")


@pytest.mark.parametrize(("measured", "code"), [(104, 0), (106, 1)])
def test_the_command(measured: int, code: int, monkeypatch: pytest.MonkeyPatch) -> None:
    def made(layers: Any) -> Any:
        return (Footprint(one.name, measured * 1000, 100_000) for one in layers)

    monkeypatch.setattr(command, "footprints", made)
    done = CliRunner().invoke(app, ["bench", "memory", "--layers", "conv1,conv2"])
    assert done.exit_code == code
    assert done.stdout.splitlines()[1].split() == ["conv1", f"{measured},000", "100,000", f"{measured / 100:.3f}"]
    assert done.stdout.splitlines()[3].startswith("missed" if code else "met")
    assert memory.BOUND == 1.05
