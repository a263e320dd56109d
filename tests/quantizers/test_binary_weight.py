"""Binary-Weight Networks: the seed's example, that sign and mean of |w| are optimal, and a step of training."""

from fractions import Fraction
from itertools import product

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from qref.quantizers.binary_weight import BinaryWeight, scale, sign, step

WEIGHTS = arrays(np.float32, st.tuples(st.integers(1, 3), st.integers(1, 6)), elements=st.floats(-4, 4, width=32))


@pytest.mark.requirement("QREF-BW-002")
def test_the_seeds_example() -> None:
    W = [[0.2, 0.1, -0.2, 0.4], [-0.5, 0.6, -0.3, 0.7], [-0.4, -0.7, 0.8, 0.3], [0.9, 0.4, -0.6, 0.7]]
    encoded = BinaryWeight().encode(np.array(W, np.float32))
    assert encoded.codes.tolist() == [[1, 1, -1, 1], [-1, 1, -1, 1], [-1, -1, 1, 1], [1, 1, -1, 1]]
    assert [round(float(scale) - 1e-9, 3) for scale in encoded.scales] == [0.225, 0.525, 0.55, 0.65]


@pytest.mark.requirement("QREF-BW-001")
def test_zeros_of_either_sign_are_plus_one() -> None:
    assert sign(np.array([0.0, -0.0, -1e-45], np.float32)).tolist() == [1, 1, -1]


@given(arrays(np.float32, st.integers(1, 7), elements=st.floats(-4, 4, width=32)))
def test_no_other_signs_and_scale_are_nearer(w: np.ndarray) -> None:
    """Brute force: for each B the best scale is Wᵀ B / n, which leaves ‖W‖² − (Wᵀ B)² / n."""
    assume(np.abs(w[w != 0]).min(initial=1.0) > 2.0**-100)  # a subnormal scale is coarse
    encoded = BinaryWeight().encode(w[np.newaxis])
    x = w.astype(np.float64)
    best = min(x @ x - (x @ np.array(B)) ** 2 / x.size for B in product((-1.0, 1.0), repeat=x.size))
    error = x - encoded.decode()[0].astype(np.float64)
    assert error @ error <= best + 1e-5 * (x @ x)


@given(WEIGHTS, st.integers(-20, 20), st.randoms(use_true_random=False))
def test_scaling_by_a_power_of_two_and_permuting_change_nothing_else(W: np.ndarray, e: int, random: object) -> None:
    encoded, scaled = BinaryWeight().encode(W), BinaryWeight().encode(np.ldexp(W, e))
    big = np.abs(W).max(axis=1) > 2.0**-60  # subnormal scales lose bits
    assert np.array_equal(scaled.scales[big], np.ldexp(encoded.scales, e)[big])
    order = np.random.default_rng(abs(e)).permutation(W.shape[1])
    assert np.array_equal(BinaryWeight().encode(W[:, order]).scales, encoded.scales)


@given(WEIGHTS)
def test_encoding_what_was_decoded_gives_the_same_again(W: np.ndarray) -> None:
    """α·sign(W) has signs sign(W) and the mean |α|, which is exact: n equal numbers."""
    encoded = BinaryWeight().encode(W)
    again = BinaryWeight().encode(encoded.decode())
    assert np.array_equal(again.scales, encoded.scales)
    assert np.array_equal(again.codes[encoded.scales > 0], encoded.codes[encoded.scales > 0])


@pytest.mark.requirement("QREF-BW-007")
def test_the_gradient_is_the_papers() -> None:
    up = np.nextafter(np.float32(1), np.float32(2))
    W = np.array([[0.5, -1.0, up, 1.5], [0, -0.0, 0, 0]], np.float32)
    alpha = scale(W[0])
    G, updated = step(W, np.full_like(W, 2), 0.5)
    through = float(np.float32(2 * (Fraction(1, 4) + alpha)))
    assert G[0].tolist() == [through, through, 0.5, 0.5]
    assert G[1].tolist() == [0.5] * 4, "a channel of zeros: 1/n alone"
    assert updated[1].tolist() == [-0.25] * 4


@pytest.mark.requirement("QREF-BW-007")
@given(WEIGHTS, st.integers(0, 99), st.integers(-6, 6))
def test_the_gradient_is_linear_in_the_one_it_comes_from(W: np.ndarray, seed: int, e: int) -> None:
    g = np.random.default_rng(seed).normal(size=W.shape).astype(np.float32)
    G, _ = step(W, g, 0.1)
    assert np.array_equal(step(W, np.ldexp(g, e), 0.1)[0], np.ldexp(G, e))
    assert np.array_equal(step(W, -g, 0.1)[0], -G)


@given(arrays(np.float32, st.integers(1, 6), elements=st.floats(-2, 2, width=32)), st.integers(0, 99))
def test_the_formula_and_the_whole_derivative_agree_where_gradients_follow_the_signs(w: np.ndarray, seed: int) -> None:
    """With g_j = c·sign(w_j) each weight's own part g_i/n is a share of the filter's sum, which is n times as large."""
    c = float(np.random.default_rng(seed).integers(1, 5))
    signs = sign(w).astype(np.float32)
    G, _ = step(w[np.newaxis], c * signs[np.newaxis], 0.0)
    alpha, n = float(scale(w)), w.size
    own = c * signs * (1 / n + alpha * (np.abs(w) <= 1))
    whole = signs / n * (c * signs * signs).sum() + c * signs * alpha * (np.abs(w) <= 1)
    assert np.allclose(G[0], own, rtol=1e-6)
    assert np.allclose(whole - own, c * signs * (1 - 1 / n), rtol=1e-5, atol=1e-6)
