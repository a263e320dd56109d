"""The two-word arithmetic under the exact rule, against Python's integers."""

import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

pytest.importorskip("numba")
from qref.kernels.exact_scaling import SATURATES, bit_length, divide, multiply, onnx, scaled, shift_right, significand

words = st.one_of(
    st.integers(0, 2**64 - 1), st.builds(lambda s, d: max(0, 2**s - d), st.integers(0, 64), st.integers(1, 2))
)


@given(a=words, b=words)
def test_multiply(a: int, b: int) -> None:
    high, low = multiply(np.uint64(a), np.uint64(b))
    assert int(high) * 2**64 + int(low) == a * b


@given(high=words, low=words, d=st.integers(1, 2**32 - 1))
def test_divide(high: int, low: int, d: int) -> None:
    q_high, q_low, r = (int(part) for part in divide(np.uint64(high), np.uint64(low), np.uint64(d)))
    assert (q_high * 2**64 + q_low, r) == divmod(high * 2**64 + low, d)


@given(high=words, low=words, s=st.integers(1, 127))
@example(high=3, low=0, s=64)
@example(high=3, low=1, s=65)
@example(high=1, low=2**63, s=1)
def test_shift_right(high: int, low: int, s: int) -> None:
    n = high * 2**64 + low
    kept, half, sticky = shift_right(np.uint64(high), np.uint64(low), s)
    assert int(kept) == min(n >> s, 2**64 - 1)
    assert half == bool(n >> (s - 1) & 1)
    assert sticky == (n % 2 ** (s - 1) != 0)


@given(value=words)
def test_bit_length(value: int) -> None:
    assert bit_length(np.uint64(value)) == value.bit_length()


@given(
    acc=st.one_of(st.integers(-(2**63), 2**63 - 1), st.integers(-(2**31), 2**31 - 1), st.integers(-9, 9)),
    m_x=st.integers(2**23, 2**24 - 1),
    m_w=st.integers(2**23, 2**24 - 1),
    m_y=st.integers(2**23, 2**24 - 1),
    e=st.integers(-300, 300),
    size=st.one_of(st.none(), st.integers(-2, 20)),
)
def test_scaled(acc: int, m_x: int, m_w: int, m_y: int, e: int, size: int | None) -> None:
    m = m_x * m_w
    if size is not None and acc:  # an exponent that brings the result near 2^size
        e = size - (abs(acc) * m // m_y).bit_length()
    exact = round(acc * m * Fraction(2) ** e / m_y)
    assert scaled(acc, m, e, m_y) == max(-SATURATES, min(SATURATES, exact))


@given(k=st.integers(-(2**17), 2**17), m_y=st.integers(2**23, 2**24 - 1), e=st.integers(0, 20), side=st.integers(-1, 1))
def test_scaled_at_ties(k: int, m_y: int, e: int, side: int) -> None:
    # (2k + 1) · 2^e · m_y · 2^(−e − 1) / m_y = k + 1/2
    acc = ((2 * k + 1) << e) + side
    exact = round(Fraction(acc, 2 ** (e + 1)))
    assert scaled(acc, m_y, -e - 1, m_y) == max(-SATURATES, min(SATURATES, exact))


@given(
    k=st.integers(-(2**17), 2**17),
    m_x=st.integers(2**23, 2**24 - 1),
    m_w=st.integers(2**23, 2**24 - 1),
    m_y=st.integers(2**23, 2**24 - 1),
    size=st.integers(-2, 40),
    far=st.integers(-(2**63), 2**63 - 1),
)
@example(k=0, m_x=2**23, m_w=2**23, m_y=2**23, size=1, far=0)
def test_a_row_is_exact_where_float64_is_near_a_tie(k: int, m_x: int, m_w: int, m_y: int, size: int, far: int) -> None:
    """Accumulators on both sides of k + 1/2, and others."""
    m = m_x * m_w
    e = size - m.bit_length() + m_y.bit_length()
    tie = (2 * k + 1) * m_y * Fraction(2) ** (-e - 1) / m
    accs = [max(-(2**63), min(2**63 - 1, round(tie) + side)) for side in (-1, 0, 1)]
    row = np.array([[*accs, far, 0]], np.int64)
    y = np.empty_like(row)
    onnx(row, np.zeros(1, np.int64), np.array([m]), np.array([e]), m_y, 5, -(2**15), 2**15 - 1, y)
    exact = [round(acc * m * Fraction(2) ** e / m_y) + 5 for acc in row[0].tolist()]
    assert y[0].tolist() == [max(-(2**15), min(2**15 - 1, one)) for one in exact]


@given(m=st.integers(1, 2**24 - 1), e=st.integers(-149, 104))
def test_significand(m: int, e: int) -> None:
    scale = math.ldexp(m, e)
    found, exponent = significand(np.array([scale]))
    assert 2**23 <= found[0] < 2**24
    assert Fraction(int(found[0])) * Fraction(2) ** (int(exponent[0]) - 24) == Fraction(scale)
