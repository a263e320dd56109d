"""min ‖W − αB‖²: descent of the alternation, and an optimum that nothing beats."""

from fractions import Fraction
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from qref.errors import InvalidInput
from qref.numerics.exact_totals import dot, sum_of_squares
from qref.numerics.tensor import tensor
from qref.ops.qref.optimal_scale import global_margin
from qref.quantizers import SCHEMES
from qref.quantizers.granularity import TENSOR, Granularity
from qref.quantizers.optimal_scale import OptimalScale, alternate, alternation, best_scale, codes, highest_code
from qref.quantizers.optimal_scale_global import Candidate, OptimalScaleGlobal, best_between, optimum, spans

MAGNITUDES = st.floats(-4, 4, width=32).filter(lambda x: x == 0 or abs(x) > 2.0**-20)
PART = arrays(np.float32, st.integers(1, 9), elements=MAGNITUDES)
HIGHEST = st.sampled_from([1, 3, 7, 15, 127])


def error(w: np.ndarray, alpha: Fraction, b: np.ndarray) -> Fraction:
    """‖w − αb‖², exact."""
    return sum(((Fraction(float(x)) - alpha * int(k)) ** 2 for x, k in zip(w, b)), Fraction(0))


@pytest.mark.requirement("QREF-OS-001")
def test_a_magnitude_halfway_takes_the_larger_code_and_the_largest_is_k() -> None:
    w = np.array([0.5, -0.5, 1.5, 2.5, -2.5, 9.0, -9.0, 0.0, -0.0, 0.49999997], np.float32)
    assert codes(w, Fraction(1), 3).tolist() == [1, -1, 2, 3, -3, 3, -3, 0, 0, 0]
    assert codes(np.array([1.0], np.float32), Fraction(2) + Fraction(1, 2**80), 3).tolist() == [0]


@pytest.mark.requirement("QREF-OS-002")
@given(PART, PART)
def test_no_other_scale_is_better_for_codes(w: np.ndarray, other: np.ndarray) -> None:
    b = codes(np.resize(other, w.shape), Fraction(1), 7)
    alpha = best_scale(w, b)
    for nudge in (Fraction(1, 1000), Fraction(-1, 1000)):
        assert error(w, alpha, b) <= error(w, alpha + nudge, b)


@pytest.mark.requirement("QREF-OS-003")
@given(PART.filter(np.any), HIGHEST)
def test_the_error_falls_in_every_step_and_the_scale_runs_one_way(w: np.ndarray, K: int) -> None:
    steps = list(alternation(w, K))
    errors = [error(w, alpha, b) for alpha, b in steps]
    assert all(after <= before for before, after in pairwise(errors))
    assert all(after < before for before, after in pairwise(errors[1:-1]))
    moves = [after[0] - before[0] for before, after in pairwise(steps)]
    assert all(move >= 0 for move in moves) or all(move <= 0 for move in moves)
    assert len(steps) <= w.size * K + 2
    alpha, b = steps[-1]
    assert alpha == best_scale(w, b) and np.array_equal(b, codes(w, alpha, K))


@pytest.mark.requirement("QREF-OS-004")
@pytest.mark.parametrize("solve", [alternate, optimum])
def test_zeros_have_scale_zero(solve) -> None:  # type: ignore[no-untyped-def]
    for w in (np.zeros(3, np.float32), np.zeros(0, np.float32)):
        alpha, b = solve(w, 7)
        assert alpha == 0 and not b.any() and b.shape == w.shape


@pytest.mark.requirement("QREF-OS-005")
@given(arrays(np.float32, st.integers(1, 5), elements=MAGNITUDES).filter(np.any), st.sampled_from([1, 3, 7]))
def test_no_breakpoint_has_a_smaller_error(w: np.ndarray, K: int) -> None:
    """Brute force on rationals."""
    alpha, b = optimum(w, K)
    points = {2 * abs(Fraction(float(x))) / (2 * k - 1) for x in w if x for k in range(1, K + 1)}
    tried = [codes(w, point, K) for point in points]
    assert error(w, alpha, b) == min(error(w, best_scale(w, c), c) for c in tried)
    assert np.array_equal(codes(w, alpha, K), b)


@given(PART.filter(np.any), HIGHEST)
def test_neither_alternation_nor_a_fine_scan_is_better(w: np.ndarray, K: int) -> None:
    alpha, b = optimum(w, K)
    least = error(w, alpha, b)
    assert least <= error(w, *alternate(w, K))
    x = np.abs(w.astype(np.float64))
    scales = np.linspace(x.max() / (2 * K), 2 * x.max(), 3000)[:, np.newaxis]
    scanned = ((x - scales * np.minimum(np.floor(x / scales + 0.5), K)) ** 2).sum(axis=1).min()
    assert float(least) <= scanned * (1 + 1e-9) + 1e-12 * float(sum_of_squares(w))


def test_a_choice_among_equal_errors_has_no_margin_where_their_squares_are_not_float32s() -> None:
    """127·254 squared has 28 bits: in float32 another of the equal codes may seem better."""
    assert global_margin(tensor([[-254.0]], "float32"), bits=8) == 0
    assert global_margin(tensor([[-2.0]], "float32"), bits=8) > 2.0**-16


@pytest.mark.requirement("QREF-OS-006")
def test_of_equal_errors_the_largest_scale_is_taken() -> None:
    for w, scale, b in (([2.5], 2.5, [1]), ([-2.5, 2.5, 0.0], 2.5, [-1, 1, 0]), ([1.0, -2.0], 1.0, [1, -2])):
        alpha, found = optimum(np.array(w, np.float32), 127)
        assert float(alpha) == scale and found.tolist() == b
    a = np.array([2.0, 4.0], np.float32)
    assert best_between(a, 7, list(spans(a, 7))) == Candidate(Fraction(10), 5)


@pytest.mark.requirement("QREF-OS-007")
@pytest.mark.parametrize("bits", [-1, 0, 1, 9, 32])
def test_other_widths_are_refused(bits: int) -> None:
    with pytest.raises(InvalidInput, match="give 2 to 8"):
        highest_code(bits)
    for scheme in (OptimalScale(bits), OptimalScaleGlobal(bits)):
        with pytest.raises(InvalidInput, match="give 2 to 8"):
            scheme.encode(np.ones((1, 1), np.float32))


@pytest.mark.parametrize("name", ["optimal-scale", "optimal-scale-global"])
@given(
    W=arrays(np.float32, st.tuples(st.integers(1, 3), st.integers(1, 6)), elements=MAGNITUDES),
    e=st.integers(-20, 20),
    bits=st.integers(2, 8),
)
def test_a_power_of_two_and_the_order_of_weights_change_nothing_else(
    name: str, W: np.ndarray, e: int, bits: int
) -> None:
    scheme = SCHEMES[name].of(bits)
    encoded, larger = scheme.encode(W), scheme.encode(np.ldexp(W, e))
    assert np.array_equal(larger.codes, encoded.codes)  # type: ignore[attr-defined]
    assert np.array_equal(larger.scales, np.ldexp(encoded.scales, e))  # type: ignore[attr-defined]
    order = np.random.default_rng(abs(e)).permutation(W.shape[1])
    other = scheme.encode(W[:, order])
    assert np.array_equal(other.codes, encoded.codes[:, order])  # type: ignore[attr-defined]
    assert np.array_equal(other.scales, encoded.scales)  # type: ignore[attr-defined]


@given(PART.filter(np.any), st.integers(2, 8))
def test_what_was_decoded_without_error_is_its_own_optimum(w: np.ndarray, bits: int) -> None:
    """Codes on a grid of a power of two decode exactly, and encoding them again leaves no error."""
    b = OptimalScaleGlobal(bits, TENSOR).encode(w).codes
    decoded = b.astype(np.float32) / 8
    if b.any():
        again = OptimalScaleGlobal(bits, TENSOR).encode(decoded)
        alpha, found = optimum(decoded, 2 ** (bits - 1) - 1)
        assert error(decoded, alpha, found) == 0
        assert sum_of_squares(decoded) == alpha * dot(decoded, found)
        assert np.abs(again.codes).max() <= np.abs(b).max()


def test_groups_and_channels_are_solved_alone() -> None:
    W = np.array([[1.0, 2.0, 30.0, 10.0, 5.0], [0.5, 0.25, 0.0, 0.0, 8.0]], np.float32)
    encoded = OptimalScaleGlobal(3, Granularity("group", 2)).encode(W)
    assert encoded.scales.tolist() == [1.0, 10.0, 5.0, 0.25, 0.0, 8.0]
    assert encoded.codes.tolist() == [[1, 2, 3, 1, 1], [2, 1, 0, 0, 1]]
