"""Transposed convolution and gradients: adjoint to the convolution, exactly; and right by finite differences."""

from dataclasses import replace
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from qref.conv import ALGORITHMS, Geometry
from qref.conv.backward import bias_gradient, input_gradient, weight_gradient
from qref.conv.direct import direct
from qref.conv.exact import exact_transposed
from qref.conv.transposed import output_shape, transposed
from qref.numerics.formats import FORMATS

OF_NUMBERS = [one for one in ALGORITHMS.values() if one.operands == "numbers"]


@pytest.mark.requirement("QREF-CV-012")
@given(data=st.data())
def test_gradients_are_adjoint(layers: Any, data: st.DataObject) -> None:
    """Σ g·conv(x, w) = Σ input_gradient·x = Σ weight_gradient·w for every algorithm's convolution."""
    drawn = data.draw(layers)
    shapes, geometry = drawn.shapes, drawn.shapes.geometry
    x, w = drawn.integers()
    g = np.random.default_rng(drawn.seed + 1).integers(-9, 10, shapes.output)
    to_x, to_w = input_gradient(g, w, geometry, shapes.image), weight_gradient(g, x, geometry)
    assert to_x.shape == x.shape and to_w.shape == w.shape
    assert int((to_x * x).sum()) == int((to_w * w).sum())
    for algorithm in OF_NUMBERS:
        if not algorithm.applies(shapes):
            assert int((g * algorithm.convolve(x, w, geometry)).sum()) == int((to_x * x).sum()), algorithm.name


def test_gradients_by_finite_differences() -> None:
    """The loss Σ g·(conv(x, w) + b)² in rationals: a central difference is exact up to the step's square."""
    rng = np.random.default_rng(0)
    geometry = Geometry((2, 3), (2, 1), (1, 2), (1, 0), (0, 1), 2)
    x, w, b = rng.integers(-5, 6, (2, 2, 4, 5)), rng.integers(-5, 6, (4, 1, 2, 3)), rng.integers(-5, 6, 4)
    weights = rng.integers(-5, 6, (2, 4, *geometry.output((4, 5))))

    def outputs(x: Any, w: Any, b: Any) -> Any:
        return direct(x, w, geometry) + b.reshape(-1, 1, 1)

    def loss(x: Any, w: Any, b: Any) -> Fraction:
        return Fraction((weights * outputs(x, w, b) ** 2).sum())

    g = 2 * weights * outputs(x, w, b)
    gradients = (input_gradient(g, w, geometry, (4, 5)), weight_gradient(g, x, geometry), bias_gradient(g))
    step = Fraction(1, 1000)
    for which, gradient in enumerate(gradients):
        operands = [operand.astype(object) for operand in (x, w, b)]
        for i in np.ndindex(*gradient.shape):
            moved = []
            for sign in (1, -1):
                operands[which][i] += sign * step
                moved.append(loss(*operands))
                operands[which][i] -= sign * step
            assert (moved[0] - moved[1]) / (2 * step) == gradient[i]  # the loss is quadratic: no remainder


@st.composite
def transposed_layers(draw: st.DrawFn) -> tuple[Any, Any, Geometry, tuple[int, ...]]:
    n = draw(st.integers(1, 3))

    def lengths(low: int, high: int) -> tuple[int, ...]:
        return tuple(draw(st.lists(st.integers(low, high), min_size=n, max_size=n)))

    geometry = Geometry(
        lengths(1, 3), lengths(1, 3), lengths(1, 3), lengths(0, 3), lengths(0, 3), draw(st.integers(1, 3))
    )
    image = lengths(1, 4)
    output = output_shape(image, geometry, [draw(st.integers(0, s - 1)) for s in geometry.strides])
    assume(min(output) >= 0)
    rng = np.random.default_rng(draw(st.integers(0, 2**32)))
    C = geometry.group * draw(st.integers(1, 2))
    x = rng.integers(-9, 10, (draw(st.integers(0, 2)), C, *image))
    return x, rng.integers(-9, 10, (C, draw(st.integers(1, 2)), *geometry.kernel)), geometry, output


@pytest.mark.requirement("QREF-CV-013")
@given(case=transposed_layers())
def test_transposed_is_the_matrix_transposed(case: Any) -> None:
    """The matrix of the convolution, made column by column from unit images, times x from the other side."""
    x, w, geometry, output = case
    M = geometry.group * w.shape[1]
    assert geometry.output(output) == x.shape[2:]
    elements = M * int(np.prod(output))
    units = np.eye(elements, dtype=np.int64).reshape(elements, M, *output)
    matrix = direct(units, w, geometry).reshape(len(units), int(np.prod(x.shape[1:])))
    expected = (x.reshape(len(x), matrix.shape[1]) @ matrix.T).reshape(len(x), M, *output)
    assert transposed(x, w, geometry, output).tolist() == expected.tolist()
    golden = exact_transposed(
        x.astype(np.float64), w.astype(np.float64), geometry, output, FORMATS["float32"], np.ones(M)
    )
    assert golden.tolist() == (expected + 1).tolist()


@pytest.mark.requirement("QREF-CV-013")
def test_transposed_by_hand() -> None:
    geometry = Geometry((3,), (2,), (1,), (0,), (0,))
    x, w = np.array([[[1, 2]]]), np.array([[[1, 10, 100]]])
    assert output_shape((2,), geometry, (0,)) == (5,) and output_shape((2,), geometry, (1,)) == (6,)
    assert transposed(x, w, geometry, (5,)).tolist() == [[[1, 10, 102, 20, 200]]]
    assert transposed(x, w, geometry, (6,)).tolist() == [[[1, 10, 102, 20, 200, 0]]]
    cut = replace(geometry, pads_begin=(1,), pads_end=(1,))
    assert output_shape((2,), cut, (0,)) == (3,)
    assert transposed(x, w, cut, (3,)).tolist() == [[[10, 102, 20]]]
