"""K-means: its start, its steps and its end, by examples and by what always holds."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from qref.codebooks.kmeans import assigned, drawn, filled, kmeans, means, number_of_values, start, steps
from qref.codebooks.kmeans_margin import margin, margin_of_steps
from qref.errors import InvalidInput
from qref.numerics.philox import words

NUMBERS = st.one_of(
    st.integers(-3, 3).map(float),
    st.floats(-8, 8, width=32),
    st.sampled_from([2.0**-149, -(2.0**-140), 3e38, -3e38, 0.0, -0.0]),
)
VECTORS = st.tuples(st.integers(1, 12), st.integers(1, 3)).flatmap(
    lambda shape: arrays(np.float32, shape, elements=NUMBERS)
)


@pytest.mark.requirement("QREF-VC-001")
def test_there_are_no_more_centroids_than_vectors() -> None:
    assert [number_of_values(bits, 100) for bits in (1, 4, 8)] == [2, 16, 100]
    for bits in (0, 9):
        with pytest.raises(InvalidInput, match=f"codes of {bits} bits"):
            number_of_values(bits, 100)


@pytest.mark.requirement("QREF-VC-002")
def test_a_word_draws_the_share_that_it_lies_in() -> None:
    weights = np.array([0, 1, 0, 3], object)
    assert [drawn(weights, word) for word in (0, 2**30 - 1, 2**30, 2**32 - 1)] == [1, 1, 3, 3]


@pytest.mark.requirement("QREF-VC-003")
def test_vectors_are_drawn_by_the_squared_distance_to_the_nearest_drawn() -> None:
    X = np.array([[0], [1], [3]], np.float32)
    first = 0  # vector 0: D² is 0, 1, 9
    for word, second in ((0, 1), (int(2**32 * 0.099), 1), (int(2**32 * 0.101), 2)):
        assert start(X, np.array([first, word], np.uint32)).tolist() == [0, second]


@pytest.mark.requirement("QREF-VC-004")
def test_where_nothing_differs_a_draw_is_even() -> None:
    X = np.ones((4, 2), np.float32)
    assert start(X, np.array([0, 2**30, 2**31, 3 * 2**30], np.uint32)).tolist() == [0, 1, 2, 3]


@pytest.mark.requirement("QREF-VC-005")
def test_of_equal_distances_the_first_centroid_wins() -> None:
    X, C = np.array([[2, 0]], np.float32), np.array([[9, 9], [4, 0], [0, 0], [2, 2]], np.float32)
    assert assigned(X, C).tolist() == [1]


@pytest.mark.requirement("QREF-VC-006")
def test_empty_cells_take_the_farthest_vectors_in_turn() -> None:
    X = np.array([[0], [1], [3], [9], [10], [14]], np.float32)
    C = np.array([[1], [100], [10], [-100]], np.float32)
    assert filled(X, C, assigned(X, C)).tolist() == [0, 0, 3, 2, 2, 1]  # 14 is 4 away, then 3 is 2 away
    alone = np.array([[0], [1], [20]], np.float32)
    C = np.array([[0], [30], [99]], np.float32)
    assert filled(alone, C, assigned(alone, C)).tolist() == [0, 2, 1]  # 20 lies alone
    C = np.array([[0], [1], [20], [99]], np.float32)
    assert filled(alone, C, assigned(alone, C)).tolist() == [0, 1, 2]  # nothing to gain


@pytest.mark.requirement("QREF-VC-007")
def test_means_are_exact_and_rounded_once() -> None:
    X = np.array([[2.0**24], [1], [1], [2], [7]], np.float32)
    found = means(X, np.array([0, 0, 0, 0, 2], np.uint8), np.array([[0], [5], [0]], np.float32))
    assert found.tolist() == [[2.0**22 + 1], [5], [7]]  # the second cell is empty


@pytest.mark.requirement("QREF-VC-008")
def test_codes_are_those_of_the_centroids_that_result() -> None:
    X = np.random.default_rng(3).standard_normal((60, 2)).astype(np.float32)
    for iterations in (0, 1, 2, 25):
        found = kmeans(X, words(1, 0, 8), iterations)
        assert np.array_equal(found.codes, assigned(X, found.centroids))
    assert np.array_equal(kmeans(X, words(1, 0, 8), 0).centroids, X[start(X, words(1, 0, 8))])


def error(X: np.ndarray, C: np.ndarray, codes: np.ndarray) -> Fraction:
    return sum((Fraction(float(d)) ** 2 for d in (X.astype(float) - C[codes]).ravel()), Fraction(0))


@given(X=VECTORS, bits=st.integers(1, 3), seed=st.integers(0, 99))
def test_steps_leave_no_cell_empty_that_could_be_filled(X: np.ndarray, bits: int, seed: int) -> None:
    V = number_of_values(bits, len(X))
    C = X[start(X, words(seed, 0, V))]
    for step in steps(X, C, 10):
        sizes = np.bincount(step.cells, minlength=V)
        away = [i for i, v in enumerate(step.cells) if (X[i] != step.before[v]).any() and sizes[v] > 1]
        assert sizes.all() or not away


@given(
    X=arrays(np.float32, (10, 2), elements=st.integers(-20, 20).map(float)), bits=st.integers(1, 3), seed=st.integers()
)
def test_no_step_makes_the_error_larger(X: np.ndarray, bits: int, seed: int) -> None:
    V = number_of_values(bits, len(X))
    C = X[start(X, words(seed % 2**32, 0, V))]
    before = error(X, C, assigned(X, C))
    for step in steps(X, C, 10):
        now = error(X, step.after, step.cells)
        assert now <= before * (1 + Fraction(1, 2**20)) + Fraction(1, 2**20)  # means are rounded
        before = now


def test_a_draw_near_the_end_of_a_share_has_a_small_margin() -> None:
    X = np.array([[0], [1], [3]], np.float32)
    near, apart = (np.array([0, word], np.uint32) for word in (int(2**32 * 0.1), int(2**32 * 0.5)))
    assert margin(X, near, 0) < 2**-31 < 0.1 < margin(X, apart, 0)


def test_a_tie_in_small_integers_is_decided() -> None:
    X = np.array([[0], [2], [4], [4]], np.float32)
    assert margin(X, np.array([0], np.uint32), 5) == 0.25  # the first draw alone
    noisy = (X + np.float32(0.1)) * np.float32(1e-3)
    noisy[1] = (noisy[0] + noisy[2]) / 2
    assert margin(noisy, np.array([0, 2**31], np.uint32), 0) < 2**-16


def test_squares_beyond_float32_leave_no_margin() -> None:
    X, drawing = np.array([[0], [1], [3]], np.float32), np.array([0, 2**31], np.uint32)
    assert margin(X, drawing, 0) > 0.1 and margin(X, drawing, 5) > 0.1
    for exponent in (-80, 80):
        scaled = np.ldexp(X, exponent).astype(np.float32)
        assert margin(scaled, drawing, 0) == 0
        assert margin_of_steps(scaled, scaled[[0, 2]], 1) == 0


@pytest.mark.requirement("QREF-VC-006")
def test_a_vector_whose_neighbour_was_taken_lies_alone() -> None:
    X, C = np.array([[0], [5], [20], [21]], np.float32), np.array([[3], [20], [99], [98]], np.float32)
    assert filled(X, C, assigned(X, C)).tolist() == [2, 0, 1, 3]  # 0, then 21: 5 is farther, but alone
