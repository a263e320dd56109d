"""Exact sums against exact rationals, without a line of the code that rounds."""

from fractions import Fraction
from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from qref.numerics.exact_sums import LONGEST, dot, exact_sum, mean
from qref.numerics.formats import FORMATS, Float

FLOATS = {name: FORMATS[name] for name in ("float32", "float16", "bfloat16")}
HIGHEST = {"float32": Fraction(2**24 - 1) * 2**104, "float16": Fraction(65504), "bfloat16": Fraction(255) * 2**120}


def bits(name):
    """(storage of the codes, codes of one sign): the numbers of one sign lie in the order of their codes."""
    return (np.uint32, 31) if name == "float32" else (np.uint16, 15)


def value(code, name):
    if name == "float32":
        return Fraction(float(np.array(code, np.uint32).view(np.float32)))
    if name == "float16":
        return Fraction(float(np.array(code, np.uint16).view(np.float16)))
    return Fraction(float(np.array(code << 16, np.uint32).view(np.float32)))


def code_of(y, name):
    if name == "float32":
        return int(np.float32(y).view(np.uint32))
    if name == "float16":
        return int(np.float16(y).view(np.uint16))
    return int(np.float32(y).view(np.uint32)) >> 16


def check(y, exact, name):
    """y is a number of the format, none is nearer to `exact`, and at a tie its last bit is 0."""
    half_step_beyond = HIGHEST[name] + (HIGHEST[name] - value(code_of(float(HIGHEST[name]), name) - 1, name)) / 2
    if abs(exact) >= half_step_beyond:
        assert y == (np.inf if exact > 0 else -np.inf)
        return
    assert np.isfinite(y)
    magnitude, target = abs(y), abs(exact)
    assert y == 0 or (y > 0) == (exact > 0)
    code = code_of(magnitude, name)
    assert value(code, name) == Fraction(float(magnitude)), f"{y} is no {name}"
    error = abs(value(code, name) - target)
    for neighbour in {max(code - 1, 0), code + 1} - {code}:
        try:
            other = abs(value(neighbour, name) - target)
        except OverflowError:
            continue  # beyond the largest number
        assert error < other or (error == other and code % 2 == 0)


@st.composite
def numbers(draw, name, count):
    """Numbers of a format: mostly of like magnitude, also tiny, huge, subnormal, zero and negated copies."""
    format = FLOATS[name]
    p, low, high = format.precision, format.lowest_exponent, format.bias
    anchor = draw(st.integers(low, high))
    found = []
    for _ in range(count):
        if found and draw(st.integers(0, 3)) == 0:
            found.append(-found[draw(st.integers(0, len(found) - 1))])
            continue
        e = min(max(anchor + draw(st.sampled_from([0, 0, 0, 1, -1, -p, p, -2 * p, -100])), low), high)
        m = draw(st.integers(0, 2**p - 1))
        found.append((-1) ** draw(st.integers(0, 1)) * float(np.ldexp(float(m), e - p + 1)))
    return found


@pytest.mark.requirement("QREF-FS-001", "QREF-FS-002")
@given(st.data(), st.sampled_from(sorted(FLOATS)), st.sampled_from(sorted(FLOATS)), st.integers(0, 9))
def test_a_dot_product_is_the_exact_one_rounded_once(data, operands, target, K):
    R, S = 2, 2
    a = np.array(data.draw(numbers(operands, R * K)), np.float64).reshape(R, K)
    b = np.array(data.draw(numbers(operands, K * S)), np.float64).reshape(K, S)
    addend = np.array(data.draw(numbers(operands, S)), np.float64) if data.draw(st.booleans()) else None
    y = dot(a, b, FLOATS[target], addend)
    for r, s in np.ndindex(R, S):
        exact = sum((Fraction(a[r, k]) * Fraction(b[k, s]) for k in range(K)), Fraction(0))
        exact += 0 if addend is None else Fraction(addend[s])
        check(y[r, s], exact, target)


@pytest.mark.requirement("QREF-FS-001")
@given(st.data(), st.sampled_from(sorted(FLOATS)), st.integers(1, 9), st.integers(1, 50))
def test_sums_and_means_are_exact_ones_rounded_once(data, name, K, count):
    terms = np.array(data.draw(numbers(name, K)), np.float64)
    exact = sum(map(Fraction, terms), Fraction(0))
    check(exact_sum(terms, FLOATS[name])[()], exact, name)
    check(mean(terms, np.array(count), FLOATS[name])[()], exact / count, name)


@pytest.mark.requirement("QREF-FS-001")
@given(st.data(), st.sampled_from(sorted(FLOATS)))
def test_halfway_after_cancellation(data, name):
    """Large terms cancel and leave a tie of the format, or a tie and a trace far below it."""
    format: Float = FLOATS[name]
    p, low = format.precision, format.lowest_exponent
    e = data.draw(st.integers(low, format.bias - 3))
    odd_half = 2 * data.draw(st.integers(2 ** (p - 1), 2**p - 1)) + 1  # p + 1 bits, the last a half
    tie = Fraction(odd_half) * Fraction(2) ** (e - p)
    large = Fraction(2) ** data.draw(st.integers(e, format.bias - 1))
    trace = data.draw(st.sampled_from([0, 1, -1])) * Fraction(2) ** (e - p - 1 - data.draw(st.integers(1, 60)))
    upper = Fraction((odd_half >> 4) << 4) * Fraction(2) ** (e - p)
    terms = [large, upper, -large, tie - upper, trace]
    y = exact_sum(np.array([float(t) for t in terms]), format)[()]
    check(y, tie + trace, name)


def test_a_trace_at_every_distance_below_a_tie():
    places, distances = np.arange(20), np.arange(1, 61)
    tie = np.ldexp(1 + 2.0**-24, places)[:, None] + np.zeros(len(distances))
    trace = np.ldexp(1.0, places[:, None] - 24 - distances)
    above, below = np.ldexp(1 + 2.0**-23, places), np.ldexp(1.0, places)
    assert (exact_sum(np.array([tie, trace]), FLOATS["float32"]) == above[:, None]).all()
    assert (exact_sum(np.array([tie, -trace]), FLOATS["float32"]) == below[:, None]).all()
    assert (exact_sum(np.array([tie, 0 * trace]), FLOATS["float32"]) == below[:, None]).all()


def test_one_rounding_where_two_go_wrong():
    terms = np.array([1.0, 2.0**-24, 2.0**-80])
    assert exact_sum(terms, FLOATS["float32"]) == 1 + 2.0**-23  # in float64 the sum is a tie, and ties go to 1


def test_sums_longer_than_a_block():
    K = 2 * LONGEST + 3
    a = np.full((1, K), np.float64(np.float32(1 / 3)))
    exact = K * Fraction(a[0, 0]) ** 2
    check(dot(a, a.T, FLOATS["float32"])[0, 0], exact, "float32")
    check(exact_sum(np.full(K, 65504.0), FLOATS["float32"])[()], Fraction(65504) * K, "float32")


def test_blocks_stay_below_the_integers_that_float64_holds():
    K, ones = 2**16 + 1, 2.0**20 - 1
    exact = K * Fraction(ones) ** 2
    nearly = float(exact)
    left = exact - Fraction(nearly)
    assert left != 0
    a = np.full((1, K), ones)
    assert dot(a, a.T, FLOATS["float32"], np.array(-nearly)) == float(left)


@pytest.mark.requirement("QREF-FS-003")
@pytest.mark.parametrize("K", [1, 2])
def test_infinity_nan_and_zero_as_ieee_754_has_them(K):
    specials = [0.0, -0.0, 1.0, -1.0, np.inf, -np.inf, np.nan]
    for operands in product(specials, repeat=2 * K):
        a, b = np.array([operands[:K]]), np.array([operands[K:]]).T
        with np.errstate(invalid="ignore"):
            terms = [x * w for x, w in zip(a[0], b[:, 0], strict=True)]
            expected = terms[0] if K == 1 else terms[0] + terms[1]
        y = dot(a, b, FLOATS["float32"])[0, 0]
        assert np.array_equal(y, expected, equal_nan=True), operands
        assert np.isnan(y) or np.signbit(y) == np.signbit(expected), operands


@pytest.mark.requirement("QREF-FS-003")
def test_the_addend_is_a_term_like_the_others():
    a, b, f = np.array([[-0.0]]), np.array([[1.0]]), FLOATS["float32"]
    assert np.signbit(dot(a, b, f, np.array(-0.0)))
    assert not np.signbit(dot(a, b, f, np.array(0.0)))
    assert dot(a, b, f, np.array(-np.inf)) == -np.inf
    assert np.isnan(dot(np.array([[np.inf]]), b, f, np.array(-np.inf)))
    assert np.signbit(dot(np.zeros((1, 0)), np.zeros((0, 1)), f, np.array(-0.0)))


def test_a_sum_of_nothing_is_zero():
    f = FLOATS["float32"]
    assert dot(np.zeros((2, 0)), np.zeros((0, 3)), f).tolist() == [[0.0] * 3] * 2
    assert exact_sum(np.zeros((0, 4)), f).tolist() == [0.0] * 4
    assert dot(np.zeros((0, 5)), np.zeros((5, 3)), f).shape == (0, 3)


def test_leading_dimensions_broadcast():
    a, b = np.arange(24.0).reshape(2, 1, 3, 4), np.arange(40.0).reshape(5, 4, 2)
    assert np.array_equal(dot(a, b, FLOATS["float32"]), a @ b)


def test_a_negative_sum_that_underflows_is_negative_zero():
    y = dot(np.array([[-(2.0**-149)]]), np.array([[2.0**-10]]), FLOATS["float32"])
    assert y == 0
    assert np.signbit(y)
