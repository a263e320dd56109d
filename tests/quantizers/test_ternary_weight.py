"""Ternary weights: the threshold, the optimum against every pattern, steps."""

from fractions import Fraction
from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from qref.errors import InvalidInput
from qref.numerics.philox import words
from qref.numerics.tensor import tensor
from qref.ops.qref.ternary_weight import ternary_weight_exact_margin, ternary_weight_margin
from qref.quantizers import SCHEMES, TENSOR, Granularity
from qref.quantizers.encoded import squared_error
from qref.quantizers.ternary_weight import (
    TernaryExact,
    TernaryWeight,
    objective,
    optimal_threshold,
    pattern,
    scale,
    step,
    threshold,
)

FLOATS = st.floats(-4, 4, width=32).map(lambda x: np.float32(x))
PART = arrays(np.float32, st.integers(1, 6), elements=FLOATS)
SCHEME = st.sampled_from([TernaryWeight(TENSOR), TernaryExact(TENSOR)])


def array(*values: float) -> np.ndarray:
    return np.array(values, np.float32)


@pytest.mark.requirement("QREF-LB-001")
def test_the_threshold_is_seven_tenths_of_the_mean_magnitude() -> None:
    w = array(1, -2, 0.5, 0, -0.0, 2.5)
    assert threshold(w) == Fraction(7, 10)
    assert pattern(w, threshold(w)).tolist() == [1, -1, 0, 0, 0, 1]
    assert threshold(array()) == 0


@pytest.mark.requirement("QREF-LB-001")
def test_a_weight_on_the_threshold_is_zero() -> None:
    """7 is 0.7 of the mean of 7 and 13; 0.7 itself is no float32, so no vector holds the case."""
    w = array(7, -13)
    assert pattern(w, threshold(w)).tolist() == [0, -1]
    assert ternary_weight_margin(tensor([w.tolist()], "float32")) == 0
    assert pattern(array(0, -0.0), Fraction(0)).tolist() == [0, 0]


@pytest.mark.requirement("QREF-LB-002")
def test_the_scale_is_the_mean_of_what_is_left() -> None:
    w = array(1, -2, 0.5, 0, 2.5)
    assert scale(w, np.array([1, -1, 0, 0, 1], np.int8)) == Fraction(11, 6)
    assert scale(w, np.zeros(5, np.int8)) == 0


@pytest.mark.requirement("QREF-LB-003")
@given(PART)
def test_no_pattern_and_scale_are_nearer_than_the_exact_ones(w: np.ndarray) -> None:
    """Brute force: for a pattern T the best scale leaves ‖w‖² − (wᵀT)² / TᵀT."""
    x = [Fraction(float(v)) for v in w]
    gains = [
        sum((a * t for a, t in zip(x, T)), Fraction(0)) ** 2 / max(sum(map(abs, T)), 1)
        for T in product((-1, 0, 1), repeat=w.size)
    ]
    T = pattern(w, optimal_threshold(w))
    assert sum((a * int(t) for a, t in zip(x, T)), Fraction(0)) ** 2 / max(int(np.abs(T).sum()), 1) == max(gains)


@pytest.mark.requirement("QREF-LB-003")
def test_of_equally_good_patterns_the_one_with_fewer_weights_is_taken() -> None:
    W = array(3, 1, -1, 1)[np.newaxis]
    encoded = TernaryExact().encode(W)
    assert encoded.codes.tolist() == [[1, 0, 0, 0]]
    assert encoded.scales.tolist() == [3]
    assert ternary_weight_exact_margin(tensor(W, "float32")) > 0.05  # the tie is exact in float32 and does not count


def test_a_tie_that_float32_does_not_hold_counts_as_no_margin() -> None:
    a = 3 * (1 + 2.0**-22)
    assert ternary_weight_exact_margin(tensor([[a, a / 3, a / 3, a / 3]], "float32")) == 0


@given(arrays(np.float32, st.integers(1, 8), elements=FLOATS))
def test_the_optimum_is_nowhere_worse_than_the_approximation(w: np.ndarray) -> None:
    W = w[np.newaxis]
    approximate, _ = squared_error(W, TernaryWeight().encode(W).decode())
    exact, energy = squared_error(W, TernaryExact().encode(W).decode())
    assert exact <= approximate + 1e-6 * energy


def test_for_a_bell_the_approximation_is_close_to_the_optimum() -> None:
    """Sums of twelve even numbers: the threshold 0.7 leaves under one part in a hundred more than the best."""
    even = words(7, 0, 12 * 4096).astype(np.float64).reshape(12, 4096) * 2.0**-32
    W = (even.sum(axis=0) - 6).astype(np.float32)[np.newaxis]
    approximate, _ = squared_error(W, TernaryWeight().encode(W).decode())
    exact, _ = squared_error(W, TernaryExact().encode(W).decode())
    assert exact < approximate < 1.01 * exact


@given(SCHEME, PART, st.integers(-20, 20))
def test_scaling_by_a_power_of_two_and_permuting_change_nothing_else(
    scheme: TernaryWeight | TernaryExact, w: np.ndarray, e: int
) -> None:
    w = np.where(np.abs(w) < 2.0**-60, 0, w).astype(np.float32)  # subnormal scales lose bits
    encoded, scaled = scheme.encode(w), scheme.encode(np.ldexp(w, e))
    assert np.array_equal(scaled.codes, encoded.codes)
    assert np.array_equal(scaled.scales, np.ldexp(encoded.scales, e))
    order = np.random.default_rng(abs(e)).permutation(w.size)
    assert np.array_equal(scheme.encode(w[order]).codes, encoded.codes[order])


@given(SCHEME, PART)
def test_encoding_what_was_decoded_gives_the_same_again(scheme: TernaryWeight | TernaryExact, w: np.ndarray) -> None:
    """αT has magnitudes 0 and α: the mean is at most α, so 0.7 of it lies below, and the optimum leaves no error."""
    encoded = scheme.encode(w)
    again = scheme.encode(encoded.decode())
    assert np.array_equal(again.scales, encoded.scales)
    assert np.array_equal(again.codes, encoded.codes)


@given(PART)
def test_the_objective_never_parts_equal_magnitudes(w: np.ndarray) -> None:
    gains, magnitudes = objective(w)
    if gains:
        j = gains.index(max(gains)) + 1
        assert j == len(magnitudes) or magnitudes[j - 1] > magnitudes[j]


@pytest.mark.requirement("QREF-LB-004")
def test_a_step_moves_real_weights_by_the_whole_gradient() -> None:
    W, g = array(0.5, -3, 0.25), array(1, -2, 0)
    assert step(W, g, 0.5).tolist() == [0, -2, 0.25]


@pytest.mark.parametrize("name", ["ternary", "ternary-exact"])
def test_two_bits_a_weight_and_a_scale_a_part(name: str) -> None:
    encoded = SCHEMES[name].of(granularity=Granularity("group", 4)).encode(np.ones((2, 6), np.float32))
    assert encoded.bits == 2 * 12 + 32 * 4
    with pytest.raises(InvalidInput, match="nan"):
        SCHEMES[name].of().encode(array(np.nan))


def test_what_float32_does_not_hold_on_the_way_leaves_no_margin() -> None:
    """Σ |w| or its square beyond the largest number, squares below the normal ones, a weight beside a subnormal Δ."""
    assert ternary_weight_margin(tensor([[3e38, 3e38]], "float32")) == 0
    assert ternary_weight_margin(tensor([[1e38], [1e38]], "float32")) > 0.4
    assert ternary_weight_margin(tensor([[4 * 2.0**-149, 6 * 2.0**-149]], "float32")) == 0
    for size in (1e19, 1e-20):
        assert ternary_weight_exact_margin(tensor([[3 * size, size]], "float32")) == 0
