"""Costs: the seed's table of memory, real operations counted, real allocations measured."""

import tracemalloc
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from qref.conv import ALGORITHMS, Geometry, Shapes
from qref.conv.algorithm import Algorithm
from qref.conv.ten_layers import TEN_LAYERS

PRINTED = {
    "im2col": [6.31, 10.48, 5.52, 8.16, 11.23, 10.88, 8.98, 3.31, 5.01, 4.57],
    "mec": [3.57, 4.88, 4.49, 6.61, 5.96, 6.06, 4.16, 2.70, 2.59, 3.36],
    "direct": [1.92, 3.48, 3.97, 5.83, 3.85, 3.65, 1.75, 1.50, 1.39, 2.76],
}
"""The seed's "Memory overhead of different algorithms/MB", conv1 … conv10; its row QEngine is direct convolution."""

TOLERANCE = 4 * 8192 * 4
"""Bytes beside what is accounted for: NumPy's buffers, 8192 numbers an operand, and one window, row or tile."""


def megabytes(name: str) -> list[float]:
    shapes = [layer.shapes for layer in TEN_LAYERS.values()]
    return [ALGORITHMS[name].cost(one).peak(one) / 1e6 for one in shapes]


def test_the_seeds_table_of_memory() -> None:
    cells = [(m, p) for name, printed in PRINTED.items() for m, p in zip(megabytes(name), printed)]
    assert len(cells) == 30
    assert all(abs(mine - printed) < 0.01 for mine, printed in cells)
    assert sum(f"{mine:.2f}" == f"{printed:.2f}" for mine, printed in cells) == 28


def test_the_two_cells_that_the_seed_cuts_off() -> None:
    layers = list(TEN_LAYERS)
    assert megabytes("im2col")[layers.index("conv3")] == pytest.approx(5.529088)
    assert megabytes("mec")[layers.index("conv9")] == pytest.approx(2.596864)


def test_the_lowered_matrices_of_the_papers() -> None:
    for layer in TEN_LAYERS.values():
        (_, C, i_h, _), (_, _, R, _), (_, _, o_h, o_w) = layer.x, layer.w, layer.shapes.output
        assert ALGORITHMS["im2col"].cost(layer.shapes).workspace == 4 * C * R * R * o_h * o_w
        assert ALGORITHMS["mec"].cost(layer.shapes).workspace == 4 * C * R * i_h * o_w
        assert ALGORITHMS["direct"].cost(layer.shapes).workspace == 0


MEASURED = {
    "square": Shapes((1, 32, 20, 20), (64, 32, 3, 3), Geometry((3, 3), (1, 1), (1, 1), (1, 1), (1, 1))),
    "grouped": Shapes((2, 16, 28, 28), (32, 8, 3, 3), Geometry((3, 3), (1, 1), (1, 1), (2, 0), (0, 1), 2)),
    "strided": Shapes((1, 3, 64, 64), (32, 3, 7, 7), Geometry((7, 7), (2, 2), (1, 1), (3, 3), (3, 3))),
    "long": Shapes((1, 24, 600), (24, 24, 3), Geometry((3,), (1,), (1,), (1,), (1,))),
    "cube": Shapes((1, 8, 12, 12, 12), (8, 8, 3, 3, 3), Geometry((3,) * 3, (1,) * 3, (1,) * 3, (1,) * 3, (1,) * 3)),
    "conv8": TEN_LAYERS["conv8"].shapes,
    "conv9": TEN_LAYERS["conv9"].shapes,
}


@pytest.mark.parametrize("layer", MEASURED)
@pytest.mark.parametrize("algorithm", ALGORITHMS.values(), ids=ALGORITHMS)
def test_workspace_is_what_is_allocated(algorithm: Algorithm, layer: str) -> None:
    """The peak of one call is output, workspace and the algorithm's own form of the weights: no less, and no more.

    "No less" lets go of the weights, which some algorithms have given back when the peak comes.
    """
    shapes = MEASURED[layer]
    rng = np.random.default_rng(0)
    x, w = rng.integers(0, 2, shapes.x) * 2 - 1, rng.integers(0, 2, shapes.w) * 2 - 1
    if algorithm.name.startswith("sparse"):
        w[rng.random(w.shape) < 0.95] = 0
        shapes = replace(shapes, nonzeros=int(np.count_nonzero(w)))
    dtype = np.float32 if algorithm.operands == "numbers" else np.int8
    shapes = replace(shapes, itemsize=np.dtype(dtype).itemsize, accumulator=4)
    slow = algorithm.operands in ("planes", "powers") and layer not in ("square", "long")  # a loop a bit, or a weight
    if algorithm.applies(shapes) or slow:
        return
    x, w = x.astype(dtype), w.astype(dtype)
    small = (slice(0, 0), slice(None))
    algorithm.convolve(x[small], w, shapes.geometry)  # what is allocated once, at the first call, is not the layer's
    tracemalloc.start()
    try:
        y = algorithm.convolve(x, w, shapes.geometry)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    cost = algorithm.cost(shapes)
    weights = cost.weights or 0
    accounted = shapes.output_bytes + cost.workspace + weights
    assert y.nbytes == shapes.output_bytes
    assert accounted - weights <= peak <= accounted + TOLERANCE


class Counted:
    """A number that counts the multiplications in which it takes part."""

    multiplications = 0

    def __init__(self, value: int) -> None:
        self.value = value

    def __mul__(self, other: Any) -> "Counted":
        if isinstance(other, np.ndarray):
            return NotImplemented  # NumPy's turn, element by element
        Counted.multiplications += 1
        return Counted(self.value * getattr(other, "value", other))

    __rmul__ = __mul__

    def __add__(self, other: Any) -> "Counted":
        return Counted(self.value + getattr(other, "value", other))

    __radd__ = __add__

    def __bool__(self) -> bool:
        return self.value != 0


def counted(values: Any) -> Any:
    found = np.empty(values.shape, object)
    for i in np.ndindex(*values.shape):
        found[i] = Counted(int(values[i]))
    return found


@pytest.mark.parametrize("name", ["direct", "channels-last", "im2col", "mec", "sparse-gemm"])
@given(data=st.data())
def test_multiplications_are_those_that_happen(name: str, layers: Any, data: st.DataObject) -> None:
    drawn = data.draw(layers)
    x, w = drawn.integers(-1, 1)
    shapes = replace(drawn.shapes, nonzeros=int(np.count_nonzero(w)) if name == "sparse-gemm" else None)
    Counted.multiplications = 0
    ALGORITHMS[name].convolve(counted(x), counted(w), shapes.geometry)
    assert Counted.multiplications == ALGORITHMS[name].cost(shapes).multiplications


@given(data=st.data())
def test_costs_are_whole_numbers_of_any_layer(layers: Any, data: st.DataObject) -> None:
    shapes = data.draw(layers).shapes
    for algorithm in ALGORITHMS.values():
        if algorithm.applies(shapes):
            continue
        cost = algorithm.cost(shapes)
        numbers = (cost.multiplications, cost.additions, cost.bytes_read, cost.bytes_written, cost.workspace)
        assert all(type(number) is int and number >= 0 for number in numbers), algorithm.name
        assert cost.bytes_written >= shapes.output_bytes
        assert cost.peak(shapes) >= shapes.input_bytes + shapes.output_bytes + cost.workspace


def test_winograd_multiplies_less() -> None:
    """Lavin and Gray, section 4: 36/16 = 2.25 and 144/36 = 4 times fewer products than the definition's."""
    five = Shapes((1, 64, 56, 56), (64, 64, 5, 5), Geometry((5, 5), (1, 1), (1, 1), (2, 2), (2, 2)))
    for name, shapes, factor, entry_products in (
        ("winograd-2x2", TEN_LAYERS["conv7"].shapes, 2.25, 0),
        ("winograd-4x4", TEN_LAYERS["conv7"].shapes, 4.0, 1),
        ("winograd-2x2-5x5", five, 100 / 36, 1),
    ):
        cost = ALGORITHMS[name].cost(shapes)
        products = shapes.macs / factor
        assert cost.multiplications >= products
        assert (cost.multiplications > products) == bool(entry_products)
        assert cost.multiplications < products * 1.25


def test_int8_counts_elements_of_their_own_size() -> None:
    shapes = replace(TEN_LAYERS["conv7"].shapes, itemsize=1, accumulator=4)
    assert shapes.input_bytes == 64 * 56 * 56 and shapes.output_bytes == 4 * 64 * 56 * 56
    assert ALGORITHMS["int8-gemm"].cost(shapes).workspace == 64 * 9 * 56 * 56
