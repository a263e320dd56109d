"""All algorithms give the same: integers exactly, floats within the bound that each one states."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.signal import correlate

from qref.conv import ALGORITHMS, Geometry, Shapes
from qref.conv.algorithm import Algorithm
from qref.conv.exact import exact
from qref.numerics.formats import FORMATS

OF_NUMBERS = {name: one for name, one in ALGORITHMS.items() if one.operands == "numbers"}


OF_THREE_TAPS = [one for one in OF_NUMBERS if one != "winograd-2x2-5x5"]
"""Those that 3×3 kernels can take."""
each = pytest.mark.parametrize("algorithm", [OF_NUMBERS[name] for name in OF_THREE_TAPS], ids=OF_THREE_TAPS)


def of_winograd(shapes: Shapes) -> int:
    """How many of Winograd's algorithms are made for the layer: two for 3 taps, one for 5."""
    geometry = shapes.geometry
    side_by_side = set(geometry.strides) | set(geometry.dilations) == {1}
    return {(3,): 2, (5,): 1}.get(tuple(set(geometry.kernel)), 0) if side_by_side else 0


def that_apply(shapes: Shapes) -> list[Algorithm]:
    """The algorithms for a layer; all but Winograd's apply to every layer."""
    found = [one for one in OF_NUMBERS.values() if not one.applies(shapes)]
    assert len(found) == len(OF_NUMBERS) - 3 + of_winograd(shapes)
    return found


@pytest.mark.requirement("QREF-CV-001", "QREF-CV-002", "QREF-CV-003", "QREF-CV-004", "QREF-CV-005")
@given(data=st.data())
def test_integers_are_exact(layers: Any, definition: Any, data: st.DataObject) -> None:
    drawn = data.draw(layers)
    x, w = drawn.integers()
    expected = definition(x, w, drawn.shapes.geometry).tolist()
    for algorithm in that_apply(drawn.shapes):
        y = algorithm.convolve(x, w, drawn.shapes.geometry)
        assert y.dtype == np.int64 and y.shape == drawn.shapes.output, algorithm.name
        assert y.tolist() == expected, algorithm.name


@pytest.mark.requirement("QREF-CV-006", "QREF-CV-007", "QREF-CV-008")
@given(data=st.data())
def test_floats_are_within_the_stated_bound(layers: Any, data: st.DataObject) -> None:
    drawn = data.draw(layers)
    x, w = drawn.floats()
    geometry = drawn.shapes.geometry
    golden = exact(x.astype(np.float64), w.astype(np.float64), geometry, FORMATS["float32"])
    for algorithm in that_apply(drawn.shapes):
        y, bound = algorithm.convolve(x, w, geometry), algorithm.bound(x, w, geometry)
        assert y.dtype == np.float32 and bound.shape == golden.shape == y.shape, algorithm.name
        assert (np.abs(y - golden) <= bound * 2.0**-24).all(), algorithm.name


@each
def test_a_real_layer_is_within_the_bound_and_close(algorithm: Algorithm) -> None:
    rng = np.random.default_rng(1)
    geometry = Geometry((3, 3), (1, 1), (1, 1), (1, 1), (1, 1))
    x = rng.standard_normal((1, 16, 14, 14)).astype(np.float32)
    w = rng.standard_normal((16, 16, 3, 3)).astype(np.float32)
    golden = exact(x.astype(np.float64), w.astype(np.float64), geometry, FORMATS["float32"])
    error = np.abs(algorithm.convolve(x, w, geometry) - golden)
    assert (error <= algorithm.bound(x, w, geometry) * 2.0**-24).all()
    assert error.max() < 1e-3


@each
def test_direct_errors_break_the_bound(algorithm: Algorithm) -> None:
    """The bound is no empty promise: it notices one tap of one channel left out."""
    rng = np.random.default_rng(2)
    geometry = Geometry((3, 3), (1, 1), (1, 1), (1, 1), (1, 1))
    x = rng.uniform(0.5, 1, (1, 8, 6, 6)).astype(np.float32)
    w = rng.uniform(0.5, 1, (4, 8, 3, 3)).astype(np.float32)
    golden = exact(x.astype(np.float64), w.astype(np.float64), geometry, FORMATS["float32"])
    lacking = w.copy()
    lacking[:, 7, 2, 2] = 0
    error = np.abs(algorithm.convolve(x, lacking, geometry) - golden)
    assert (error[..., :-1, :-1] > algorithm.bound(x, w, geometry)[..., :-1, :-1] * 2.0**-24).all()


@pytest.mark.parametrize("strides", [(1, 1), (2, 3)])
@pytest.mark.parametrize("dilations", [(1, 1), (2, 1)])
@each
def test_scipy_correlates_to_the_same(
    algorithm: Algorithm, strides: tuple[int, int], dilations: tuple[int, int]
) -> None:
    geometry = Geometry((3, 3), strides, dilations, (2, 0), (1, 3))
    rng = np.random.default_rng(3)
    x, w = rng.integers(-99, 99, (1, 2, 9, 8)), rng.integers(-99, 99, (3, 2, 3, 3))
    if algorithm.applies(Shapes(x.shape, w.shape, geometry)):
        return
    spread = np.zeros((3, 2, *(geometry.extent(i) for i in range(2))), np.int64)
    spread[:, :, :: dilations[0], :: dilations[1]] = w
    image = np.pad(x[0], ((0, 0), (2, 1), (0, 3)))
    all_positions = [correlate(image, kernel, "valid", "direct")[0] for kernel in spread]
    kept = np.array(all_positions)[:, :: strides[0], :: strides[1]]
    assert algorithm.convolve(x, w, geometry)[0].tolist() == kept.tolist()


@pytest.mark.requirement("QREF-CV-002")
@each
def test_depthwise(algorithm: Algorithm, definition: Any) -> None:
    geometry = Geometry((3, 3), (1, 1), (1, 1), (1, 1), (1, 1), group=5)
    rng = np.random.default_rng(4)
    x, w = rng.integers(-9, 9, (2, 5, 6, 5)), rng.integers(-9, 9, (10, 1, 3, 3))
    assert algorithm.convolve(x, w, geometry).tolist() == definition(x, w, geometry).tolist()


def test_names_are_their_keys() -> None:
    assert all(name == one.name for name, one in ALGORITHMS.items())
    assert {one.operands for one in ALGORITHMS.values()} == {"numbers", "int8", "signs", "planes", "powers"}


@pytest.mark.parametrize("name", ["winograd-2x2", "winograd-4x4"])
@pytest.mark.parametrize(
    ("kernel", "stride", "dilation", "words"),
    [
        ((3, 3), 2, 1, "stride 2"),
        ((3, 3), 1, 2, "dilation 2"),
        ((5, 5), 1, 1, "kernel 5 × 5"),
        ((3, 1), 1, 1, "kernel 3 × 1"),
    ],
)
def test_why_winograd_does_not_apply(
    name: str, kernel: tuple[int, int], stride: int, dilation: int, words: str
) -> None:
    geometry = Geometry(kernel, (stride, stride), (dilation, dilation), (0, 0), (0, 0))
    assert ALGORITHMS[name].applies(Shapes((1, 1, 9, 9), (1, 1, *kernel), geometry)).startswith(words)


def test_winograd_of_five_taps_is_for_five_taps() -> None:
    five = Shapes((1, 1, 9, 9), (1, 1, 5, 5), Geometry((5, 5), (1, 1), (1, 1), (0, 0), (0, 0)))
    three = Shapes((1, 1, 9, 9), (1, 1, 3, 3), Geometry((3, 3), (1, 1), (1, 1), (0, 0), (0, 0)))
    assert ALGORITHMS["winograd-2x2-5x5"].applies(five) == ""
    assert ALGORITHMS["winograd-2x2-5x5"].applies(three).startswith("kernel 3 × 3: these transforms are for 5 taps")
