"""Stochastic quantization: errors, draws, hybrids, and how the chances are spread."""

from collections import Counter
from fractions import Fraction
from itertools import permutations, product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from qref.errors import InvalidInput
from qref.numerics.philox import Stream
from qref.numerics.tensor import tensor
from qref.ops.qref.sq_bwn import quantization_bound, stochastic_quantization, stochastic_quantization_step
from qref.quantizers import SCHEMES
from qref.quantizers.binary_weight import BinaryWeight
from qref.quantizers.sq_bwn import (
    EPSILON,
    SCHEDULE,
    StochasticQuantization,
    chosen_rows,
    error,
    kept,
    roulette,
)

WEIGHTS = arrays(np.float32, st.tuples(st.integers(1, 6), st.integers(1, 5)), elements=st.floats(-4, 4, width=32))


@pytest.mark.requirement("QREF-BW-011")
@given(arrays(np.float32, st.integers(1, 9), elements=st.floats(-8, 8, width=32)))
def test_the_error_is_its_definition(w: np.ndarray) -> None:
    exact = [Fraction(float(x)) for x in w]
    norm = sum(map(abs, exact), Fraction(0))
    alpha = norm / len(exact)
    deviation = sum((abs(x - (alpha if x >= 0 else -alpha)) for x in exact), Fraction(0))
    assert error(w) == (deviation / norm if norm else 0)
    assert 0 <= error(w) <= 2 * (1 - Fraction(1, len(exact)))


@pytest.mark.requirement("QREF-BW-011")
def test_rows_without_error() -> None:
    assert error(np.zeros(3, np.float32)) == error(np.zeros(0, np.float32)) == 0
    assert error(np.array([0.1, -0.1, 0.1], np.float32)) == 0
    assert error(np.array([1, 3], np.float32)) == Fraction(1, 2)


@pytest.mark.requirement("QREF-BW-012")
def test_the_chances_of_a_draw_counted_over_all_words() -> None:
    """No sampling: the words that take row j lie between two ends, which halving finds; their share is p_j to 2⁻³²."""
    errors = [Fraction(1, 4), Fraction(1, 2), Fraction(3, 4), Fraction(5, 4)]
    f = [1 / (e + EPSILON) for e in errors]
    ends = [first_word_beyond(errors, j) for j in range(4)]
    assert ends[-1] == 2**32
    for j, (begin, end) in enumerate(zip([0, *ends], ends)):
        assert abs(Fraction(end - begin, 2**32) - f[j] / sum(f)) < Fraction(1, 2**31)


def first_word_beyond(errors: list[Fraction], row: int) -> int:
    """The first word that takes a later row."""
    low, high = 0, 2**32
    while low < high:
        middle = (low + high) // 2
        if roulette(errors, 1, np.array([middle], np.uint32))[0] <= row:
            low = middle + 1
        else:
            high = middle
    return low


@pytest.mark.requirement("QREF-BW-012")
def test_sets_of_rows_come_as_often_as_draws_without_replacement_say() -> None:
    """Over a grid of words: the share of each ordered pair of rows, beside f_i/Σ · f_j/(Σ − f_i)."""
    errors = [Fraction(1, 4), Fraction(1, 2), Fraction(1)]
    f = [1 / (e + EPSILON) for e in errors]
    steps = 64
    words = [(2 * i + 1) * 2**31 // steps for i in range(steps)]
    found = Counter(tuple(roulette(errors, 2, np.array(pair, np.uint32))) for pair in product(words, repeat=2))
    for i, j in permutations(range(3), 2):
        expected = f[i] / sum(f) * f[j] / (sum(f) - f[i])
        assert abs(found[i, j] / steps**2 - expected) < 0.03


@given(st.lists(st.fractions(0, 2), min_size=1, max_size=8), st.data())
def test_no_row_is_drawn_twice(errors: list[Fraction], data: st.DataObject) -> None:
    words = data.draw(arrays(np.uint32, len(errors), elements=st.integers(0, 2**32 - 1)))
    assert sorted(roulette(errors, len(errors), words)) == list(range(len(errors)))


@pytest.mark.requirement("QREF-BW-013")
def test_how_many_rows_stay() -> None:
    assert [kept(ratio, 96) for ratio in SCHEDULE] == [48, 24, 12, 0]
    assert [kept(50.0, rows) for rows in (0, 1, 2, 3)] == [0, 0, 1, 1]
    assert kept(0.0, 7) == 7
    # as the authors' int((1 - ratio / 100) * num) has it, where floats do not stumble
    assert all(kept(ratio, m) == int((1 - ratio / 100) * m) for ratio in SCHEDULE for m in range(200))


@pytest.mark.requirement("QREF-BW-014")
@given(WEIGHTS, st.sampled_from(SCHEDULE), st.integers(0, 99))
def test_a_hybrid_has_rows_of_both_kinds(W: np.ndarray, ratio: float, seed: int) -> None:
    encoded = StochasticQuantization(ratio).encode(W, stream=Stream(seed))
    made, whole = encoded.decode(), BinaryWeight().encode(W).decode()
    assert np.count_nonzero(~encoded.chosen) == kept(ratio, len(W))
    assert np.array_equal(made[encoded.chosen], whole[encoded.chosen])
    assert made[~encoded.chosen].tobytes() == W[~encoded.chosen].tobytes()


@given(WEIGHTS)
def test_at_the_end_of_the_schedule_it_is_bwn(W: np.ndarray) -> None:
    encoded = StochasticQuantization(100.0).encode(W, stream=Stream(1))
    assert np.array_equal(encoded.decode(), BinaryWeight().encode(W).decode())


@given(WEIGHTS, st.integers(0, 99))
def test_doing_it_again_with_the_same_words_keeps_what_is_binary_binary(W: np.ndarray, seed: int) -> None:
    """A row that was made binary has no error, so that it is drawn before all others: but for ε's sake, idempotent."""
    once = StochasticQuantization().encode(W, stream=Stream(seed))
    again = StochasticQuantization().encode(once.decode(), stream=Stream(seed))
    exact = [error(w) == 0 for w in once.decode()]
    if sum(exact) == np.count_nonzero(once.chosen):  # no other row is without error by itself
        assert np.array_equal(again.decode(), once.decode())


@given(WEIGHTS, st.integers(-20, 20), st.integers(0, 9))
def test_powers_of_two_change_no_draw(W: np.ndarray, e: int, seed: int) -> None:
    if (np.abs(W[W != 0]) > 2.0**-100).all():
        scaled = np.ldexp(W, e)
        assert np.array_equal(chosen_rows(scaled, 50.0, Stream(seed)), chosen_rows(W, 50.0, Stream(seed)))


@pytest.mark.requirement("QREF-BW-015")
def test_the_hybrid_propagates_and_the_real_weights_move() -> None:
    W = np.array([[1, 3], [0.5, 0.5]], np.float32)  # the second row has no error, and is drawn
    a, g = np.array([[1, 2]], np.float32), np.array([[1, 4]], np.float32)
    of_a, updated = stochastic_quantization_step(
        *(tensor(x, "float32") for x in (a, W, g)), ratio=50.0, seed=1, learning_rate=0.25
    )
    assert of_a.data.tolist() == [[1 + 4 * 0.5, 3 + 4 * 0.5]]
    assert updated.data.tolist() == [[0.75, 2.5], [-0.5, -1.5]]


@given(WEIGHTS, st.sampled_from((0.0, *SCHEDULE)))
def test_the_size_is_that_of_the_bytes_stored(W: np.ndarray, ratio: float) -> None:
    """QREF-BW-016."""
    encoded = StochasticQuantization(ratio).encode(W, stream=Stream(1))
    binary, K = np.count_nonzero(encoded.chosen), W.shape[1]
    assert encoded.bits == 8 * len(encoded.packed())
    assert encoded.bits == 8 * (-(-len(W) // 8) + -(-binary * K // 8)) + 32 * (binary + (len(W) - binary) * K)


def test_what_is_refused() -> None:
    with pytest.raises(InvalidInput, match="ratio is 101"):
        StochasticQuantization(101)
    with pytest.raises(InvalidInput, match="stream"):
        SCHEMES["sq-bwn"].of().encode(np.ones((2, 2), np.float32))


@pytest.mark.requirement("QREF-BW-011")
def test_an_error_of_exact_sums_has_a_relative_bound() -> None:
    W = tensor(np.array([[1 + 2.0**-21, -1], [1, 1.1]], np.float32), "float32")
    _, _, errors = stochastic_quantization(W)
    _, _, found = quantization_bound(W)
    assert found.tolerance[0] < 1e-5 * errors.data[0] < found.tolerance[1]
    thirds = tensor(np.full((1, 3), 0.1, np.float32), "float32")  # 0.1 · 3 · ⅓ is not 0.1 in float32 arithmetic
    assert quantization_bound(thirds)[2].tolerance[0] > 2.0**-24
