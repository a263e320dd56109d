"""Deep Compression's codebook: starts, steps, where they end, gradients of shared weights."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from qref.codebooks.optimal_scalar import ScalarCodebook, distinct
from qref.codebooks.scalar import (
    STARTS,
    ScalarCodebookLloyd,
    assigned,
    density,
    drawn,
    linear,
    shared_gradient,
    shared_step,
    start,
    steps,
)
from qref.errors import InvalidInput
from qref.numerics.philox import Stream
from qref.numerics.tensor import tensor
from qref.ops.qref.scalar_codebook import scalar_codebook_lloyd_margin
from qref.quantizers import CHANNEL, TENSOR
from qref.quantizers.encoded import squared_error

FLOATS = st.floats(-4, 4, width=32).map(np.float32)
COARSE = st.integers(-4, 4).map(lambda n: np.float32(n / 2))
PART = arrays(np.float32, st.integers(1, 12), elements=FLOATS | COARSE)
START = st.sampled_from(STARTS)


def array(*values: float) -> np.ndarray:
    return np.array(values, np.float32)


@pytest.mark.requirement("QREF-SC-010")
def test_a_weight_halfway_goes_to_the_lower_centroid() -> None:
    encoded = ScalarCodebookLloyd(1).encode(array(-2, 0, 2))
    assert encoded.codes.tolist() == [0, 0, 1]
    assert encoded.codebooks.tolist() == [[-1, 2]]


@pytest.mark.requirement("QREF-SC-010")
@given(PART, arrays(np.float32, st.integers(1, 5), elements=COARSE))
def test_each_weight_is_at_the_lowest_of_its_nearest_centroids(w: np.ndarray, c: np.ndarray) -> None:
    x, _ = distinct(w)
    C = sorted({Fraction(float(v)) for v in c})
    ends = assigned(x, C)
    for i, v in enumerate(x):
        code = next(k for k, end in enumerate(ends) if i < end)
        assert code == min(range(len(C)), key=lambda k: (abs(v - C[k]), k))


@pytest.mark.requirement("QREF-SC-011")
def test_an_empty_cluster_keeps_its_centroid() -> None:
    encoded = ScalarCodebookLloyd(2).encode(array(-9, -8, 9))
    assert encoded.codebooks.tolist() == [[-8.5, -3, 3, 9]]
    assert encoded.codes.tolist() == [0, 0, 3]


@pytest.mark.requirement("QREF-SC-011", "QREF-SC-016")
@given(PART, START, st.integers(1, 3))
def test_centroids_stay_distinct_and_in_order_and_the_error_falls(w: np.ndarray, kind: str, bits: int) -> None:
    x, n = distinct(w)
    C = start(w, 1 << bits, kind, Stream(3).words(1 << bits))
    assert sorted(set(C)) == C and len(C) <= 1 << bits
    before = None
    for found, _ in steps(x, n, C, 100):
        assert found == sorted(set(found))
        error = sum((c * min((v - m) ** 2 for m in found) for v, c in zip(x, n)), Fraction(0))
        assert before is None or error <= before
        before = error


@pytest.mark.requirement("QREF-SC-012")
@given(PART, START)
def test_codes_and_codebook_belong_together(w: np.ndarray, kind: str) -> None:
    """Whatever ends the steps, a value in use is the mean of its weights."""
    for iterations in (1, 2, 100):
        encoded = ScalarCodebookLloyd(2, start=kind, iterations=iterations).encode(w, stream=Stream(1))
        for code in np.unique(encoded.codes):
            members = [Fraction(float(v)) for v in w[encoded.codes == code]]
            assert float(encoded.codebooks[0, code]) == np.float32(sum(members, Fraction(0)) / len(members))


@pytest.mark.requirement("QREF-SC-012")
def test_a_limit_ends_the_steps() -> None:
    w = array(0, 1, 2, 3, 10)
    assert ScalarCodebookLloyd(1, iterations=1).encode(w).codebooks.tolist() == [[1.5, 10]]
    with pytest.raises(InvalidInput, match="0 iterations"):
        ScalarCodebookLloyd(1, iterations=0)


@pytest.mark.requirement("QREF-SC-013")
def test_the_linear_start_spans_the_weights() -> None:
    assert linear(array(1, 4, 2), 4) == [1, 2, 3, 4]
    assert linear(array(0, 1), 4)[1] == Fraction(1, 3)


@pytest.mark.requirement("QREF-SC-014")
def test_the_density_start_takes_the_middle_of_equal_shares() -> None:
    assert density(np.arange(8, dtype=np.float32), 4) == [0, 2, 4, 6]
    assert density(np.arange(6, dtype=np.float32), 4) == [0, 2, 3, 5]  # numbers ⌈6/8⌉, ⌈18/8⌉, ⌈30/8⌉, ⌈42/8⌉
    assert density(array(5), 2) == [5, 5]


@pytest.mark.requirement("QREF-SC-015")
def test_the_random_start_draws_from_what_is_left() -> None:
    """Words at the ends and in the middle; after 7 the places 0 to 4 hold 3, 5, 9, 11, after 3: 5, 9, 11."""
    w, end = array(3, 5, 7, 9, 11), 2**32 - 1
    assert drawn(w, 4, np.array([2**31, 0, end, 0], np.uint32)) == [7, 3, 11, 5]
    all_of_them = sorted(drawn(w, 8, np.full(8, 12345, np.uint32)))
    assert all_of_them == [3, 5, 7, 9, 11]


@pytest.mark.requirement("QREF-SC-015")
def test_each_part_has_words_of_its_own() -> None:
    w = np.arange(24, dtype=np.float32).reshape(2, 12)
    one, whole = (ScalarCodebookLloyd(1, CHANNEL, "random", 1).encode(x, stream=Stream(5)) for x in (w[:1], w))
    assert np.array_equal(one.codebooks[0], whole.codebooks[0])
    scheme = ScalarCodebookLloyd(1, CHANNEL, "random")
    assert np.array_equal(scheme.words((2, 12), Stream(5)).reshape(-1), Stream(5).words(4))
    with pytest.raises(InvalidInput, match="give a stream"):
        scheme.encode(w)


@pytest.mark.requirement("QREF-SC-016")
def test_equal_numbers_of_a_start_are_one_centroid() -> None:
    pruned = array(*[0] * 9, -4, 3, 5)
    encoded = ScalarCodebookLloyd(2, start="density").encode(pruned)
    assert encoded.codebooks.tolist() == [[float(np.float32(-4 / 10)), 4, 4, 4]]  # from 0, 0, 0 and 3
    assert ScalarCodebookLloyd(2).encode(array(2, 2)).codebooks.tolist() == [[2] * 4]


@given(PART, START, st.integers(1, 3))
def test_the_optimum_is_nowhere_worse(w: np.ndarray, kind: str, bits: int) -> None:
    lloyd, energy = squared_error(w, ScalarCodebookLloyd(bits, start=kind).encode(w, stream=Stream(2)).decode())
    exact, _ = squared_error(w, ScalarCodebook(bits).encode(w).decode())
    assert exact <= lloyd + 1e-6 * energy


@pytest.mark.requirement("QREF-SC-020")
def test_the_gradient_of_a_value_is_the_sum_over_its_weights() -> None:
    g, codes = array(1, 2, 4, 2.0**-30), np.array([0, 2, 2, 2], np.uint8)
    assert shared_gradient(g, codes, TENSOR, 4) == [[1, 0, 6 + Fraction(1, 2**30), 0]]
    rows = shared_gradient(g.reshape(2, 2), codes.reshape(2, 2), CHANNEL, 3)
    assert rows == [[1, 0, 2], [0, 0, 4 + Fraction(1, 2**30)]]


@pytest.mark.requirement("QREF-SC-021")
def test_a_step_moves_values_and_leaves_codes() -> None:
    """Figure 3 of the paper in small: 4 values, one moves past its neighbour."""
    C, codes, g = array(-1, 0, 1, 2)[np.newaxis], np.array([0, 2, 2], np.uint8), array(0.5, -2, -1)
    assert shared_step(C, shared_gradient(g, codes, TENSOR, 4), 0.5).tolist() == [[-1.25, 0, 2.5, 2]]


@pytest.mark.requirement("QREF-SC-021")
@given(PART, st.integers(1, 2))
def test_the_gradient_of_the_error_vanishes_at_the_optimum(w: np.ndarray, bits: int) -> None:
    """With L = ½ Σ (C_b − w)² the gradient is C_b − w: its sum over a cluster is 0 up to the rounding of the mean."""
    encoded = ScalarCodebook(bits).encode(w)
    g = (encoded.decode().astype(np.float64) - w).astype(np.float32)
    for row in shared_gradient(g, encoded.codes, TENSOR, 1 << bits):
        assert all(abs(one) < w.size * 4 * 2.0**-22 for one in row)


def test_a_start_that_there_is_not() -> None:
    with pytest.raises(InvalidInput, match="start 'optimal' is not one of linear, density, random"):
        ScalarCodebookLloyd(2, start="optimal")


def test_margins_of_ties() -> None:
    """A weight halfway decides exactly where float32 holds sums and centroids, else not at all."""
    assert scalar_codebook_lloyd_margin(tensor([-2, 0, 2], "float32"), bits=1) > 0.1
    assert scalar_codebook_lloyd_margin(tensor([-2, 0.1, 2.2], "float32"), bits=1) < 1e-6
    for size in (1e19, 1e-20):
        assert scalar_codebook_lloyd_margin(tensor([0, size, 3 * size], "float32"), bits=1) == 0
