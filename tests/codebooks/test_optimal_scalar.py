"""The exact scalar codebook: against every assignment, its ties, what fills a codebook up."""

from fractions import Fraction
from itertools import pairwise, product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from qref.codebooks import SCHEMES
from qref.codebooks.optimal_scalar import ScalarCodebook, distinct, error, errors, optimal, partition
from qref.codebooks.scalar import ScalarCodebookLloyd
from qref.errors import InvalidInput
from qref.numerics.tensor import tensor
from qref.ops.qref.scalar_codebook import scalar_codebook_lloyd_margin, scalar_codebook_margin
from qref.quantizers.granularity import CHANNEL, Granularity

FLOATS = st.floats(-4, 4, width=32).map(np.float32)
COARSE = st.integers(-4, 4).map(lambda n: np.float32(n / 2))
PART = arrays(np.float32, st.integers(1, 7), elements=FLOATS | COARSE)


def array(*values: float) -> np.ndarray:
    return np.array(values, np.float32)


def squared_error(w: list[Fraction], codes: tuple[int, ...]) -> Fraction:
    """Σ (w − mean of its code)², from nothing but codes."""
    total = Fraction(0)
    for k in set(codes):
        members = [v for v, code in zip(w, codes) if code == k]
        mean = sum(members, Fraction(0)) / len(members)
        total += sum(((v - mean) ** 2 for v in members), Fraction(0))
    return total


@pytest.mark.requirement("QREF-SC-001")
@given(PART, st.integers(1, 2))
def test_no_assignment_of_codes_leaves_a_smaller_error(w: np.ndarray, bits: int) -> None:
    """Brute force over all V^n assignments, not runs of neighbours alone."""
    w, V = w[:6], 1 << bits
    x = [Fraction(float(v)) for v in w]
    found = squared_error(x, tuple(ScalarCodebook(bits).encode(w).codes.tolist()))
    assert found == min(squared_error(x, codes) for codes in product(range(V), repeat=len(x)))


@pytest.mark.requirement("QREF-SC-001", "QREF-SC-003")
@given(PART, st.integers(1, 3))
def test_equal_weights_share_a_code_and_values_rise(w: np.ndarray, bits: int) -> None:
    encoded = ScalarCodebook(bits).encode(w)
    [book] = encoded.codebooks
    assert (np.diff(book) >= 0).all()
    for value in w:
        assert len(set(encoded.codes[w == value].tolist())) == 1


@pytest.mark.requirement("QREF-SC-001")
@given(PART)
def test_no_weight_lies_halfway_between_two_means(w: np.ndarray) -> None:
    clusters = optimal(w, 2)
    a, b = clusters.values
    assert a == b or all(2 * Fraction(float(v)) != a + b for v in w)


@pytest.mark.requirement("QREF-SC-001")
@given(arrays(np.float32, st.integers(4, 9), elements=FLOATS))
def test_errors_of_runs_satisfy_the_quadrangle_inequality(w: np.ndarray) -> None:
    x, n = distinct(w)
    d = errors(x, n)
    m = len(x)
    for a, b, c, e in product(range(m), range(m), range(m + 1), range(m + 1)):
        if a <= b < c <= e:
            assert d(a, c) + d(b, e) <= d(a, e) + d(b, c)


@pytest.mark.requirement("QREF-SC-002")
@given(arrays(np.float32, st.integers(3, 9), elements=COARSE), st.integers(2, 3))
def test_of_equal_partitions_all_clusters_begin_lowest(w: np.ndarray, K: int) -> None:
    x, n = distinct(w)
    m = len(x)
    if m <= K:
        return
    every = [c for c in product(range(1, m), repeat=K - 1) if all(p < q for p, q in pairwise(c))]
    least = min(error(x, n, [0, *c]) for c in every)
    optima = [c for c in every if error(x, n, [0, *c]) == least]
    assert partition(x, n, K) == [0, *(min(c[k] for c in optima) for k in range(K - 1))]


@pytest.mark.requirement("QREF-SC-002")
def test_ties_that_float32_does_not_hold_count_as_no_margin() -> None:
    assert ScalarCodebook(1).encode(array(0, 1, 2)).codes.tolist() == [0, 1, 1]
    assert scalar_codebook_margin(tensor([0, 1, 2], "float32"), bits=1) > 0.05
    assert scalar_codebook_margin(tensor([0, 0.1, 0.2], "float32"), bits=1) == pytest.approx(0, abs=1e-7)
    a = float(np.float32(0.1))
    assert scalar_codebook_margin(tensor([-a, 0, a], "float32"), bits=1) == 0  # a²/2 is no float32


@pytest.mark.requirement("QREF-SC-003")
def test_a_weight_keeps_the_code_of_its_cluster_when_means_are_rounded() -> None:
    """{2²⁴ − 2, 2²⁴ − 1, 2²⁴ + 2} has the mean 2²⁴ − 1/3, no float32."""
    w = array(2**24 - 2, 2**24 - 1, 2**24 + 2, -8)
    encoded = ScalarCodebook(1).encode(w)
    assert encoded.codes.tolist() == [1, 1, 1, 0]
    assert encoded.codebooks.tolist() == [[-8, 2**24]]


@pytest.mark.requirement("QREF-SC-004")
def test_places_without_a_value_hold_the_largest() -> None:
    encoded = ScalarCodebook(2).encode(array(-3, -0.0, 0, -3))
    assert encoded.codes.tolist() == [0, 1, 1, 0]
    assert encoded.codebooks.tolist() == [[-3, 0, 0, 0]]
    assert not np.signbit(encoded.codebooks[0, 1:]).any()
    assert ScalarCodebook(2).encode(array(-3, -3)).codebooks.tolist() == [[-3] * 4]


@pytest.mark.requirement("QREF-SC-004")
def test_parts_without_weights_have_zeros() -> None:
    assert ScalarCodebook(1, CHANNEL).encode(np.zeros((2, 0), np.float32)).codebooks.tolist() == [[0, 0], [0, 0]]
    assert ScalarCodebook(1, CHANNEL).encode(np.zeros((0, 2), np.float32)).codebooks.shape == (0, 2)
    assert ScalarCodebook(1).encode(np.zeros((0, 2), np.float32)).codebooks.tolist() == [[0, 0]]


@pytest.mark.requirement("QREF-SC-005")
@pytest.mark.parametrize("name", ["scalar-codebook", "scalar-codebook-lloyd"])
def test_the_size_is_that_of_codes_and_codebooks(name: str) -> None:
    encoded = SCHEMES[name].of(3, Granularity("group", 4)).encode(np.ones((2, 6), np.float32))
    assert encoded.bits == 8 * len(encoded.packed()) == 8 * -(-3 * 12 // 8) + 32 * 4 * 8


@pytest.mark.requirement("QREF-SC-005")
@pytest.mark.parametrize("bits", [0, 9])
def test_other_widths_are_refused(bits: int) -> None:
    with pytest.raises(InvalidInput, match=f"{bits} bits: give 1 to 8"):
        ScalarCodebook(bits)


@given(PART, st.integers(1, 3), st.integers(-20, 20))
def test_scaling_by_a_power_of_two_and_permuting_change_nothing_else(w: np.ndarray, bits: int, e: int) -> None:
    w = np.where(np.abs(w) < 2.0**-60, 0, w).astype(np.float32)
    encoded, scaled = ScalarCodebook(bits).encode(w), ScalarCodebook(bits).encode(np.ldexp(w, e))
    assert np.array_equal(scaled.codes, encoded.codes)
    assert np.array_equal(scaled.codebooks, np.ldexp(encoded.codebooks, e))
    order = np.random.default_rng(abs(e)).permutation(w.size)
    assert np.array_equal(ScalarCodebook(bits).encode(w[order]).codes, encoded.codes[order])


@given(PART, st.integers(1, 3))
def test_encoding_what_was_decoded_gives_the_same_again(w: np.ndarray, bits: int) -> None:
    decoded = ScalarCodebook(bits).encode(w).decode()
    assert np.array_equal(ScalarCodebook(bits).encode(decoded).decode(), decoded)


def test_squares_beyond_float32_leave_no_margin() -> None:
    for size in (1e19, 1e-20):
        assert scalar_codebook_margin(tensor([0, size, 3 * size], "float32"), bits=1) == 0


def test_a_margin_refuses_what_the_operator_refuses() -> None:
    for W, bits, reason in (([1, np.nan], 1, "nan"), ([1, 2], -1, "-1 bits")):
        for margin in (scalar_codebook_margin, scalar_codebook_lloyd_margin):
            with pytest.raises(InvalidInput, match=reason):
                margin(tensor(W, "float32"), bits=bits)


@pytest.mark.requirement("QREF-SC-003")
def test_a_mean_that_rounds_to_zero_is_plus_zero() -> None:
    W = array(-(2.0**-149), 0, 0, 1)
    for scheme in (ScalarCodebook(1), ScalarCodebookLloyd(1)):
        assert str(scheme.encode(W).codebooks[0, 0]) == "0.0"
