"""Magnitude pruning: how many weights stay, and which."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays
from numpy.typing import NDArray

from qref.compression.magnitude_pruning import applied, keep_largest, keep_largest_of_all, masked_step, pruned
from qref.errors import InvalidInput
from qref.quantizers.granularity import CHANNEL, Granularity

few = st.sampled_from([-3.0, -1.0, -0.0, 0.0, 1.0, 2.0, 3.0])  # so that ties are common
weights = arrays(np.float32, array_shapes(min_dims=0, max_dims=4, min_side=0, max_side=5), elements=few)
ratios = st.fractions(0, 1, max_denominator=16)


def brute(w: list[float], count: int) -> set[int]:
    """The places of the `count` largest magnitudes, of equal ones the first."""
    return set(sorted(range(len(w)), key=lambda i: (-abs(w[i]), i))[:count])


@pytest.mark.requirement("QREF-PR-002")
def test_the_smallest_magnitudes_go() -> None:
    W = np.array([[0.5, -2.0, 0.1], [-0.3, 1.0, -0.2]], np.float32)
    assert keep_largest(W, 0.5).tolist() == [[True, True, False], [False, True, False]]


@pytest.mark.requirement("QREF-PR-003")
def test_of_equal_magnitudes_the_first_stay() -> None:
    W = np.array([1.0, -1.0, 1.0, -1.0], np.float32)
    assert keep_largest(W, 0.5).tolist() == [True, True, False, False]


@pytest.mark.requirement("QREF-PR-001")
@pytest.mark.parametrize(
    ("ratio", "N", "gone"),
    [
        (0.0, 7, 0),
        (1.0, 7, 7),
        (0.5, 5, 2),
        (0.5, 7, 4),
        (0.25, 10, 2),
        (float(np.float32(0.9)), 10, 9),
        (Fraction(1, 3), 10, 3),
    ],
)
def test_the_count_is_the_nearest_and_at_a_half_the_even_one(ratio: float, N: int, gone: int) -> None:
    assert pruned(N, ratio) == gone


@pytest.mark.requirement("QREF-PR-004")
def test_a_global_ratio_takes_more_from_a_layer_of_small_weights() -> None:
    large, small = np.full((2, 2), 4.0, np.float32), np.full((2, 2), 0.5, np.float32)
    first, second = keep_largest_of_all([small, large], 0.5)
    assert not first.any() and second.all()


def test_equal_magnitudes_of_two_tensors_stay_in_the_first() -> None:
    ones = np.ones(3, np.float32)
    assert [mask.sum() for mask in keep_largest_of_all([ones, ones], 0.5)] == [3, 0]


def test_no_tensors_have_no_masks() -> None:
    assert keep_largest_of_all([], 0.5) == []


@given(weights, ratios)
def test_the_mask_is_that_of_a_sort(W: NDArray[np.float32], ratio: Fraction) -> None:
    mask = keep_largest(W, ratio)
    assert mask.shape == W.shape
    assert set(np.flatnonzero(mask)) == brute(W.reshape(-1).tolist(), W.size - pruned(W.size, ratio))


@given(weights, ratios, st.sampled_from([CHANNEL, Granularity("group", 2)]))
def test_each_part_is_pruned_by_itself(W: NDArray[np.float32], ratio: Fraction, granularity: Granularity) -> None:
    mask = keep_largest(W, ratio, granularity)
    for w, kept in zip(granularity.parts(W), granularity.parts(mask), strict=True):
        assert kept.tolist() == keep_largest(w, ratio).tolist()


@given(st.lists(weights, max_size=4), ratios)
def test_all_tensors_are_pruned_as_one(tensors: list[NDArray[np.float32]], ratio: Fraction) -> None:
    masks = keep_largest_of_all(tensors, ratio)
    assert [mask.shape for mask in masks] == [W.shape for W in tensors]
    joined = [kept for mask in masks for kept in mask.reshape(-1).tolist()]
    flat = np.concatenate([np.zeros(0, np.float32), *(W.reshape(-1) for W in tensors)])
    assert joined == keep_largest(flat, ratio).tolist()


def test_a_pruned_weight_is_plus_zero() -> None:
    W = applied(np.array([-1.0, 2.0], np.float32), np.array([False, True]))
    assert not np.signbit(W[0]) and W.tolist() == [0, 2]


@pytest.mark.requirement("QREF-PR-008")
def test_a_removed_weight_stays_zero_whatever_its_gradient() -> None:
    W, g = np.array([0.0, 1.0, 3.0], np.float32), np.array([-8.0, 8.0, 8.0], np.float32)
    assert masked_step(W, g, np.array([False, True, False]), 0.25).tolist() == [0, -1, 0]


@pytest.mark.parametrize("ratio", [-0.1, 1.1, float("nan")])
def test_a_ratio_is_a_part_of_the_whole(ratio: float) -> None:
    with pytest.raises(InvalidInput, match="ratio"):
        keep_largest(np.ones(3, np.float32), ratio)


def test_weights_are_finite() -> None:
    with pytest.raises(InvalidInput, match=r"W2\[1\] is nan"):
        keep_largest_of_all([np.ones(2, np.float32), np.array([1, np.nan], np.float32)], 0.5)
