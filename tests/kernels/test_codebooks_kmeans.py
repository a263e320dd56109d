"""K-means by compiled loops: the reference's codes and centroids, bit for bit."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from qref.codebooks import kmeans as reference
from qref.codebooks.product import ProductCodebook
from qref.codebooks.vector import VectorCodebook
from qref.kernels.codebooks import kmeans as fast
from qref.kernels.codebooks import kmeans_steps
from qref.kernels.codebooks.means import quotient, two_sum
from qref.kernels.quantizers import encode
from qref.numerics.floats import float_format, nearest
from qref.numerics.philox import Stream, words

FLOAT32 = float_format("float32")
NUMBERS = st.one_of(
    st.integers(-2, 2).map(float),
    st.floats(-8, 8, width=32),
    st.sampled_from([1 + 2.0**-23, 1.0, 1 - 2.0**-24, 2.0**-149, 3e38, -3e38, -0.0]),
)
VECTORS = st.tuples(st.integers(0, 14), st.integers(0, 4)).flatmap(
    lambda shape: arrays(np.float32, shape, elements=NUMBERS)
)


@given(X=VECTORS, bits=st.integers(1, 4), seed=st.integers(0, 99), iterations=st.sampled_from([0, 1, 25]))
def test_codes_and_centroids_are_the_references(X: np.ndarray, bits: int, seed: int, iterations: int) -> None:
    drawing = words(seed, 0, reference.number_of_values(bits, len(X)))
    wanted, found = reference.kmeans(X, drawing, iterations), fast.kmeans(X, drawing, iterations)
    assert np.array_equal(found.codes, wanted.codes)
    assert np.array_equal(found.centroids, wanted.centroids)


@pytest.mark.parametrize("d", [fast.LONG, fast.LONG + 1, 300])
def test_long_vectors_go_through_a_product_of_matrices(d: int) -> None:
    X = np.random.default_rng(d).standard_normal((40, d)).astype(np.float32)
    X[20:] = X[:20] + np.float32(1e-7)  # pairs that the product cannot tell apart
    drawing = words(d, 0, 16)
    wanted, found = reference.kmeans(X, drawing), fast.kmeans(X, drawing, 25)
    assert np.array_equal(found.codes, wanted.codes) and np.array_equal(found.centroids, wanted.centroids)


def test_what_float64_cannot_decide_is_decided_exactly() -> None:
    """Distances whose squares differ in the last of some sixty bits."""
    a, b = np.float32(1 + 2.0**-23), np.float32(2.0**-30)
    X = np.array([[0, 0], [0, 0]], np.float32)
    C = np.array([[a, b], [a, 0]], np.float32)
    codes, _ = fast.assigned(X, C)
    assert codes.tolist() == reference.assigned(X, C).tolist() == [1, 1]
    codes, _ = fast.assigned(X, np.ascontiguousarray(C[::-1]))
    assert codes.tolist() == [0, 0]


def test_draws_at_the_end_of_a_share_are_decided_exactly(monkeypatch: pytest.MonkeyPatch) -> None:
    X = np.array([[0], [1], [3], [7]], np.float32)  # D² of 0 is 0, 1, 9, 49
    drawing = np.array([0, int(2**32 * Fraction(10, 59)), 2**31], np.uint32)
    wanted = reference.start(X, drawing).tolist()
    exact, asked = reference.drawn, []

    def noted(weights: np.ndarray, word: int) -> int:
        asked.append(word)
        return exact(weights, word)

    monkeypatch.setattr(reference, "drawn", noted)
    monkeypatch.setattr(kmeans_steps, "draw", kmeans_steps.draw.py_func)
    monkeypatch.setattr(kmeans_steps, "ERROR", 2.0**-35)
    assert fast.start(X, drawing).tolist() == wanted
    assert asked == [drawing[1]]


@given(x=st.lists(st.one_of(NUMBERS, st.floats(width=32, allow_nan=False, allow_infinity=False)), min_size=1))
def test_a_mean_of_a_sum_without_error_is_rounded_once(x: list[float]) -> None:
    high, low, lost = 0.0, 0.0, 0.0
    for number in x:
        high, below = two_sum(high, number)
        low, gone = two_sum(low, below)
        lost += abs(gone)
    if lost == 0:
        wanted = nearest(sum(map(Fraction, x), Fraction(0)) / len(x), FLOAT32)
        assert quotient(*two_sum(high, low), len(x)) == wanted


@pytest.mark.parametrize("layout", ["rows", "columns", "channels"])
def test_whole_tensors(layout: str) -> None:
    W = np.random.default_rng(1).standard_normal((20, 6, 3)).astype(np.float32)
    for scheme in (ProductCodebook(3, 4, layout), VectorCodebook(3, layout)):
        wanted, found = scheme.encode(W, stream=Stream(5)), encode(scheme, W, stream=Stream(5))
        assert found.packed() == wanted.packed() and np.array_equal(found.decode(), wanted.decode())
