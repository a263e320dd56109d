"""Binary-Weight Networks: the seed's example, and that sign and mean of |w| are optimal."""

from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from qref.quantizers.binary_weight import BinaryWeight, sign

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
