"""XNOR-Net: scaling factors, whole layers, and the gradient through signs."""

import math
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from qref.conv.direct import direct
from qref.conv.geometry import Geometry
from qref.quantizers.binary_weight import sign
from qref.quantizers.xnor_net import forward, scales, scaling_factors, sign_backward

NUMBERS = st.integers(-4, 4).map(float)


def geometry(kernel: tuple[int, ...], stride: int = 1, pad: int = 0, group: int = 1) -> Geometry:
    """The same stride and padding in each dimension."""
    n = len(kernel)
    return Geometry(kernel, (stride,) * n, (1,) * n, (pad,) * n, (pad,) * n, group)


@st.composite
def layers(draw: st.DrawFn) -> tuple[Any, Any, Geometry]:
    """A small layer of whole numbers."""
    group, c, filters = draw(st.integers(1, 2)), draw(st.integers(1, 3)), draw(st.integers(1, 2))
    kernel = (draw(st.integers(1, 3)), draw(st.integers(1, 3)))
    windows = geometry(kernel, draw(st.integers(1, 2)), draw(st.integers(0, 2)), group)
    I = draw(arrays(np.float32, (1, c * group, 4, 3), elements=NUMBERS))
    W = draw(arrays(np.float32, (filters * group, c, *kernel), elements=NUMBERS))
    return I, W, windows


@pytest.mark.requirement("QREF-BW-009")
@given(layers())
def test_scaling_factors_are_the_two_steps_of_the_paper(layer: tuple[Any, Any, Geometry]) -> None:
    """A, the mean over channels, then A ∗ k by direct convolution: the exact numbers, as float64 has small ones."""
    I, _, windows = layer
    N, C, *image = I.shape
    G, taps = windows.group, math.prod(windows.kernel)
    sums = np.abs(I.astype(np.float64)).reshape(N, G, C // G, *image).sum(axis=2)
    K = direct(sums, np.ones((G, 1, *windows.kernel)), windows)
    found = scaling_factors(I, windows)
    assert found.shape == K.shape
    assert all(Fraction(int(k), C // G * taps) == mine for k, mine in zip(K.flat, found.flat))


@pytest.mark.requirement("QREF-BW-009")
def test_beside_the_image_a_tap_counts_as_zero() -> None:
    K = scaling_factors(np.full((1, 2, 3, 3), -6, np.float32), geometry((3, 3), pad=1))
    assert [int(k) for k in K[0, 0].flat] == [Fraction(6 * n, 9) // 1 for n in (4, 6, 4, 6, 9, 6, 4, 6, 4)]


@pytest.mark.requirement("QREF-BW-010")
@given(layers())
def test_a_layer_is_the_convolution_of_signs_times_the_scales(layer: tuple[Any, Any, Geometry]) -> None:
    I, W, windows = layer
    B = sign(W)
    products = direct(sign(I).astype(np.int64), B.astype(np.int64), windows)
    K, alpha = scaling_factors(I, windows), scales(W)
    y = forward(I, B, alpha, windows)
    for n, m, *position in np.ndindex(*y.shape):
        group = m // (len(W) // windows.group)
        exact = int(products[(n, m, *position)]) * K[(n, group, *position)] * alpha[m]
        assert y[(n, m, *position)] == np.float32(float(exact)), "short numbers: float64's rounding loses nothing"


@pytest.mark.requirement("QREF-BW-010")
def test_signs_times_scales_are_exact_for_operands_of_one_magnitude() -> None:
    """Where |I| and |W| are constant the approximation is no approximation, padding included in the products only."""
    drawn = np.random.default_rng(7)
    I = (2.0 * drawn.choice([-1.0, 1.0], (1, 33, 5, 5))).astype(np.float32)
    W = (0.5 * drawn.choice([-1.0, 1.0], (4, 33, 3, 3))).astype(np.float32)
    windows = geometry((3, 3))
    assert np.array_equal(forward(I, sign(W), scales(W), windows), direct(I.astype(np.float64), W, windows))


@given(layers(), st.integers(-8, 8))
def test_powers_of_two_pass_through_image_and_weights(layer: tuple[Any, Any, Geometry], e: int) -> None:
    I, W, windows = layer
    y = forward(I, sign(W), scales(W), windows)
    assert np.array_equal(forward(np.ldexp(I, e), sign(W), scales(W), windows), np.ldexp(y, e))
    assert np.array_equal(forward(I, sign(W), scales(np.ldexp(W, e)), windows), np.ldexp(y, e))


@given(layers(), st.integers(0, 99))
def test_the_order_of_channels_does_not_matter(layer: tuple[Any, Any, Geometry], seed: int) -> None:
    I, W, windows = layer
    if windows.group == 1:
        order = np.random.default_rng(seed).permutation(I.shape[1])
        y = forward(I, sign(W), scales(W), windows)
        assert np.array_equal(forward(I[:, order], sign(W[:, order]), scales(W[:, order]), windows), y)


@pytest.mark.requirement("QREF-BW-008")
def test_a_sign_lets_gradients_through_up_to_one() -> None:
    up = np.nextafter(np.float32(1), np.float32(2))
    r = np.array([0, -0.0, 0.5, 1, -1, up, -up, 7], np.float32)
    assert sign_backward(r, np.arange(1, 9, dtype=np.float32)).tolist() == [1, 2, 3, 4, 5, 0, 0, 0]


@given(arrays(np.float32, 5, elements=st.floats(-2, 2, width=32)))
def test_the_scaling_of_a_dot_product_is_the_best_one(x: np.ndarray) -> None:
    """β = ‖x‖₁ / n is what makes ‖x − β sign(x)‖ least: section 3.2 takes it from section 3.1."""
    beta = float(np.abs(x.astype(np.float64)).mean())
    signs, exact = sign(x).astype(np.float64), x.astype(np.float64)
    least = ((exact - beta * signs) ** 2).sum()
    for other in (beta * 1.01, beta * 0.99, beta + 1e-3):
        assert least <= ((exact - other * signs) ** 2).sum() + 1e-12
