"""BinaryConnect: signs, probabilities counted word by word, gradients, steps."""

from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from qref.errors import InvalidInput
from qref.numerics.philox import Stream
from qref.numerics.tensor import tensor
from qref.ops.qref.binary_connect import binary_connect_step, step_bound
from qref.quantizers import SCHEMES
from qref.quantizers.binary_connect import BinaryConnect, backward, binarized, hard_sigmoid, step, stochastic

FLOATS = st.floats(-3, 3, width=32)
WEIGHTS = arrays(np.float32, st.tuples(st.integers(1, 3), st.integers(1, 5)), elements=FLOATS)


def gives_plus(w: float, word: int) -> bool:
    """Whether a word makes a weight +1."""
    return bool(stochastic(np.array([w], np.float32), np.array([word], np.uint32))[0])


def words_that_give_plus(w: float) -> int:
    """How many of all 2³² words do: they are the smallest ones, so halving finds the first that does not."""
    low, high = 0, 2**32
    while low < high:
        middle = (low + high) // 2
        if gives_plus(w, middle):
            low = middle + 1
        else:
            high = middle
    return low


@pytest.mark.requirement("QREF-BW-001")
def test_deterministic_signs_are_those_of_the_equation() -> None:
    W = np.array([0.0, -0.0, 1e-45, -1e-45, -(2.0**-26), 5, -5], np.float32)
    assert binarized(W).tolist() == [1, 1, 1, -1, -1, 1, -1]


@pytest.mark.requirement("QREF-BW-003")
@given(st.floats(-1.5, 1.5, width=32))
@example(w=0.0)
@example(w=1.0)
@example(w=-1.0)
@example(w=float(np.nextafter(np.float32(1), np.float32(0))))
@example(w=float(np.nextafter(np.float32(-1), np.float32(0))))
@example(w=2.0**-149)
def test_of_all_words_as_many_give_plus_as_the_probability_says(w: float) -> None:
    """No sampling: the count over all 2³² words is ⌈p·2³²⌉, so the probability is p to 2⁻³², and 0 and 1 exactly."""
    count, p = words_that_give_plus(w), hard_sigmoid(w)
    assert count == -(-p * 2**32 // 1)
    assert 0 <= Fraction(count, 2**32) - p < Fraction(1, 2**32)
    if abs(w) >= 1:
        assert Fraction(count, 2**32) == p == (w > 0)


@given(st.floats(-2, 2, width=32), st.integers(0, 2**32 - 2))
def test_a_larger_word_never_gives_plus_where_a_smaller_does_not(w: float, word: int) -> None:
    assert gives_plus(w, word) >= gives_plus(w, word + 1)


@given(st.floats(-2, 2, width=32), st.integers(0, 2**32 - 1))
def test_the_comparison_is_that_of_the_exact_numbers(w: float, word: int) -> None:
    assert gives_plus(w, word) == (Fraction(word, 2**32) < hard_sigmoid(w))


def test_the_mean_over_all_words_is_the_weight() -> None:
    """Unbiased inside ±1: 2p − 1 = w."""
    for w in (-0.75, -0.3, 0.0, 0.1, 0.99):
        p = Fraction(words_that_give_plus(w), 2**32)
        assert abs(2 * p - 1 - Fraction(float(np.float32(w)))) <= Fraction(1, 2**31)


@pytest.mark.requirement("QREF-BW-003")
def test_weight_i_takes_word_i_of_the_stream() -> None:
    W, stream = np.linspace(-1, 1, 24, dtype=np.float32).reshape(2, 3, 4), Stream(5, 2)
    words = stream.words(24).reshape(W.shape)
    found = BinaryConnect(random=True).encode(W, stream=stream)
    assert [gives_plus(w, word) for w, word in zip(W.flat, words.flat)] == found.codes.reshape(-1).tolist()
    assert np.array_equal(found.decode(), binarized(W, stream))


def test_a_weight_takes_one_bit_and_nothing_else() -> None:
    """QREF-BW-006."""
    W = np.array([[0.5, -0.5, 0.25], [-1, 2, -0.0]], np.float32)
    for name in ("binary-connect", "binary-connect-stochastic"):
        encoded = SCHEMES[name].of().encode(W, stream=Stream(1))
        assert encoded.bits == 8 == 8 * len(encoded.packed())
    assert SCHEMES["binary-connect"].of().encode(W).packed() == bytes([0b110101])


@given(WEIGHTS)
def test_binarizing_what_is_binary_changes_nothing(W: np.ndarray) -> None:
    """Idempotent, the stochastic one too: ±1 are certain."""
    signs = binarized(W)
    assert set(signs.flat) <= {-1.0, 1.0}
    assert np.array_equal(binarized(signs), signs)
    assert np.array_equal(binarized(signs, Stream(3)), signs)


@given(WEIGHTS)
def test_signs_are_the_nearest_points_of_the_grid(W: np.ndarray) -> None:
    """The seed's min ‖W − B‖²: no other B is nearer, in any weight."""
    signs = binarized(W)
    assert (np.abs(W - signs) <= np.abs(W + signs)).all()


@pytest.mark.requirement("QREF-BW-004")
@given(WEIGHTS, st.integers(1, 3), st.integers(0, 99))
def test_gradients_are_those_of_the_binary_layer(W: np.ndarray, N: int, seed: int) -> None:
    """∂C/∂a and ∂C/∂w_b of C = Σ g·(a W_bᵀ), which is linear in each: differences are exact with small integers."""
    drawn = np.random.default_rng(seed)
    a = drawn.integers(-4, 5, (N, W.shape[1])).astype(np.float32)
    g = drawn.integers(-4, 5, (N, len(W))).astype(np.float32)
    W_b = binarized(W)

    def cost(a: Any, W_b: Any) -> float:
        return float((g * (a @ W_b.T)).sum())

    of_a, of_w = backward(a, W_b, g)
    for place in np.ndindex(*a.shape):
        moved = a.copy()
        moved[place] += 1
        assert cost(moved, W_b) - cost(a, W_b) == of_a[place]
    for place in np.ndindex(*W.shape):
        moved = W_b.copy()
        moved[place] += 1
        assert cost(a, moved) - cost(a, W_b) == of_w[place]


@pytest.mark.requirement("QREF-BW-005")
def test_a_step_moves_the_real_weights_and_then_clips() -> None:
    W = np.array([0.75, 1.5, -3, 0.5], np.float32)
    g = np.array([-1, 1, -4, 0.5], np.float32)
    assert step(W, g, 0.5).tolist() == [1.0, 1.0, -1.0, 0.25]


@given(WEIGHTS, st.data(), st.floats(0, 4, width=32))
def test_engines_that_round_the_product_first_stay_within_the_bound(
    W: np.ndarray, data: st.DataObject, eta: float
) -> None:
    g = data.draw(arrays(np.float32, W.shape, elements=FLOATS))
    golden = binary_connect_step(tensor(W, "float32"), tensor(g, "float32"), learning_rate=eta).data
    [bound] = step_bound(tensor(W, "float32"), tensor(g, "float32"), learning_rate=eta)
    one, minus = np.float32(1), np.float32(-1)
    rounded_first = np.clip(W - np.float32(eta) * g, minus, one)
    fused = np.clip((W.astype(np.float64) - eta * g.astype(np.float64)).astype(np.float32), minus, one)
    for answer in (rounded_first, fused):
        assert (np.abs(answer.astype(np.float64) - golden) <= bound.tolerance).all()
        assert (np.abs(answer) <= 1).all()
    assert (bound.tolerance <= 1e-4).all()


def test_the_stochastic_scheme_wants_a_stream() -> None:
    with pytest.raises(InvalidInput, match="stream"):
        SCHEMES["binary-connect-stochastic"].of().encode(np.zeros((1, 1), np.float32))
    assert SCHEMES["binary-connect-stochastic"].stream and not SCHEMES["binary-connect"].stream
