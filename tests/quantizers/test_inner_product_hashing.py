"""BWNH: descent step by step, on exact rationals; where it ends, and what inputs without a word to say leave alone."""

from fractions import Fraction
from itertools import pairwise, product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from qref.errors import InvalidInput
from qref.quantizers import inner_product_hashing
from qref.quantizers.binary_weight import BinaryWeight, sign
from qref.quantizers.inner_product_hashing import Decision, InnerProductHashing, Problem, margin, scale

NUMBERS = st.floats(-4, 4, width=32).filter(lambda v: v == 0 or abs(v) > 1e-3) | st.integers(-3, 3).map(float)


@st.composite
def layers(draw: st.DrawFn) -> tuple[np.ndarray, np.ndarray]:
    """Weights of up to three channels, and inputs."""
    K = draw(st.integers(1, 5))
    W = draw(arrays(np.float32, st.tuples(st.integers(1, 3), st.just(K)), elements=NUMBERS))
    return W, draw(arrays(np.float32, st.tuples(st.integers(0, 5), st.just(K)), elements=NUMBERS))


def objective(problem: Problem, channel: int, b: np.ndarray, alpha: Fraction) -> Fraction:
    """‖Xw − αXb‖², exact."""
    wanted, found = problem.X @ problem.W[channel], problem.X @ b.astype(object)
    return sum(((Fraction(s) - alpha * f) ** 2 for s, f in zip(wanted, found)), Fraction(0))


def states(problem: Problem, channel: int, W: np.ndarray) -> list[Decision]:
    """What stood before each decision, and at the end."""
    return [Decision(d.j, d.gain, d.b.copy(), d.alpha) for d in problem.decisions(channel, W)]


@pytest.mark.requirement("QREF-HA-001")
@given(layers())
def test_it_begins_with_binary_weight_networks(layer: tuple[np.ndarray, np.ndarray]) -> None:
    W, X = layer
    problem = Problem.of(W, X)
    for channel, w in enumerate(W):
        first = states(problem, channel, W)[0]
        assert first.b.tolist() == sign(w).tolist()
        assert first.alpha * problem.unit == sum(Fraction(abs(float(v))) for v in w) / w.size


@pytest.mark.requirement("QREF-HA-002")
@given(layers())
def test_each_sign_is_the_better_one_beside_the_others_as_they_are(layer: tuple[np.ndarray, np.ndarray]) -> None:
    W, X = layer
    problem = Problem.of(W, X)
    for channel in range(len(W)):
        found = states(problem, channel, W)
        assert [d.j for d in found[:-1]] == list(range(W.shape[1])) * ((len(found) - 1) // W.shape[1])
        for now, later in pairwise(found):
            if later.j in (0, -1):
                continue  # a new scale came between
            turned = now.b.copy()
            turned[now.j] *= -1
            here, there = (objective(problem, channel, b, now.alpha) for b in (now.b, turned))
            assert later.b.tolist() == (turned if there < here else now.b).tolist()


@given(layers())
def test_no_step_makes_the_objective_larger(layer: tuple[np.ndarray, np.ndarray]) -> None:
    W, X = layer
    problem = Problem.of(W, X)
    for channel in range(len(W)):
        found = [objective(problem, channel, d.b, d.alpha) for d in states(problem, channel, W)]
        assert all(later <= now for now, later in pairwise(found))


@pytest.mark.requirement("QREF-HA-005")
@given(layers())
def test_it_ends_where_no_sign_and_no_scale_alone_is_better(layer: tuple[np.ndarray, np.ndarray]) -> None:
    W, X = layer
    problem = Problem.of(W, X)
    encoded = InnerProductHashing().encode(W, inputs=X)
    for channel in range(len(W)):
        *_, end = problem.decisions(channel, W)
        least = objective(problem, channel, end.b, end.alpha)
        for j in range(W.shape[1]):
            turned = end.b.copy()
            turned[j] *= -1
            assert objective(problem, channel, turned, end.alpha) >= least
        for step in (Fraction(1, 1000), -Fraction(1, 1000)):
            assert objective(problem, channel, end.b, end.alpha + step) >= least
        assert encoded.codes[channel].tolist() == end.b.tolist()
        assert encoded.scales[channel] == np.float32(float(end.alpha * problem.unit))


def test_it_ends_after_a_hundred_sweeps_at_the_latest(monkeypatch: pytest.MonkeyPatch) -> None:
    assert inner_product_hashing.SWEEPS == 100
    monkeypatch.setattr(inner_product_hashing, "SWEEPS", 1)
    W, X = np.array([[3, -1, -1, -1]], np.float32), np.ones((1, 4), np.float32)
    problem = Problem.of(W, X)
    assert [d.j for d in problem.decisions(0, W)] == [0, 1, 2, 3, -1]


@given(layers())
@settings(max_examples=60)
def test_brute_force_finds_nothing_better_than_its_own_optimum_and_bwn_nothing_better_than_it(
    layer: tuple[np.ndarray, np.ndarray],
) -> None:
    """Of all patterns with their best scales the least is a bound from below; BWN's objective is one from above."""
    W, X = layer
    problem = Problem.of(W, X)
    for channel in range(len(W)):
        first, *_, end = states(problem, channel, W)
        v = problem.G @ problem.W[channel]
        patterns = [np.array(b, np.int8) for b in product((-1, 1), repeat=W.shape[1])]
        least = min(objective(problem, channel, b, scale(problem.G, v, b, Fraction(0))) for b in patterns)
        found = objective(problem, channel, end.b, end.alpha)
        assert least <= found <= objective(problem, channel, first.b, first.alpha)


@given(st.integers(1, 5), st.data())
def test_inputs_that_are_orthogonal_give_the_global_optimum(K: int, data: st.DataObject) -> None:
    """G = c·1: ‖X(w − αb)‖² = c·‖w − αb‖², which BWN minimizes."""
    W = data.draw(arrays(np.float32, (1, K), elements=NUMBERS))
    X = np.float32(2) * np.eye(K, dtype=np.float32)
    encoded, bwn = InnerProductHashing().encode(W, inputs=X), BinaryWeight().encode(W)
    assert np.array_equal(encoded.codes, bwn.codes)
    assert np.array_equal(encoded.scales, bwn.scales)


@pytest.mark.requirement("QREF-HA-003")
def test_inputs_that_say_nothing_leave_binary_weight_networks() -> None:
    W = np.array([[1, -3, 2, -2], [-1, 1, -0.0, 6]], np.float32)
    bwn = BinaryWeight().encode(W)
    for X in (np.zeros((3, 4), np.float32), np.zeros((0, 4), np.float32)):
        encoded = InnerProductHashing().encode(W, inputs=X)
        assert np.array_equal(encoded.codes, bwn.codes)
        assert np.array_equal(encoded.scales, bwn.scales)
    unused = InnerProductHashing().encode(W, inputs=np.array([[1, 0, 2, 1], [0, 0, 1, 3]], np.float32))
    assert unused.codes[:, 1].tolist() == [-1, 1]


@pytest.mark.requirement("QREF-HA-004")
def test_the_scale_is_that_of_least_squares() -> None:
    W, X = np.array([[3, -1.5, -1.5]], np.float32), np.ones((1, 3), np.float32)
    assert InnerProductHashing().encode(W, inputs=X).scales.tolist() == [0]
    W, X = np.array([[1, -1]], np.float32), np.full((1, 2), 2, np.float32)
    assert InnerProductHashing().encode(W, inputs=X).scales.tolist() == [1]  # Xb = 0: BWN's stays
    G, b = np.array([[2, 1], [1, 2]], object), np.array([1, 1], np.int8)
    assert scale(G, np.array([3, 4], object), b, Fraction(0)) == Fraction(7, 6)


@pytest.mark.requirement("QREF-HA-006")
def test_inputs_that_do_not_fit_are_refused() -> None:
    W = np.ones((2, 3, 2), np.float32)
    for X, words in (
        (None, r"inputs are missing: give what the layer is fed with, \[samples, 6\]"),
        (np.ones((4, 3), np.float32), r"inputs have shape \[4, 3\]"),
        (np.ones(6, np.float32), r"inputs have shape \[6\]"),
        (np.full((1, 6), np.nan, np.float32), r"inputs\[0, 0\] is nan"),
        (np.ones((1, 6)), "inputs is float64"),
    ):
        with pytest.raises(InvalidInput, match=words):
            InnerProductHashing().encode(W, inputs=X)
    assert InnerProductHashing().encode(W, inputs=np.ones((1, 6), np.float32)).shape == W.shape


@given(layers(), st.integers(-20, 20), st.integers(-20, 20), st.integers(0, 1000))
def test_powers_of_two_and_the_order_of_samples_and_channels_change_nothing_else(
    layer: tuple[np.ndarray, np.ndarray], e: int, f: int, seed: int
) -> None:
    W, X = layer
    encoded = InnerProductHashing().encode(W, inputs=X)
    samples, order = np.random.default_rng(seed).permutation(len(X)), np.random.default_rng(seed).permutation(len(W))
    other = InnerProductHashing().encode(np.ldexp(W[order], e), inputs=np.ldexp(X[samples], f))
    assert np.array_equal(other.codes, encoded.codes[order])
    assert np.array_equal(other.scales, np.ldexp(encoded.scales[order], e))


@given(layers())
def test_encoding_what_was_decoded_decodes_to_the_same(layer: tuple[np.ndarray, np.ndarray]) -> None:
    """αb is where the alternation begins, and nothing is left to improve."""
    W, X = layer
    decoded = InnerProductHashing().encode(W, inputs=X).decode()
    assert np.array_equal(InnerProductHashing().encode(decoded, inputs=X).decode(), decoded)


def test_a_margin_is_a_distance_to_the_nearest_decision() -> None:
    W, X = np.array([[2, -2, 1]], np.float32), np.array([[1, 1, 0], [2, 2, 0]], np.float32)
    assert margin(W, X) > 0  # its ties are exact
    near, far = np.array([[3, -1 + 2.0**-20]], np.float32), np.array([[2, -1]], np.float32)
    assert margin(near, np.ones((1, 2), np.float32)) < 2.0**-18 < margin(far, np.eye(2, dtype=np.float32))
