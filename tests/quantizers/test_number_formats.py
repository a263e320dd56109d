"""Floating and fixed point of few bits: what codes stand for, ties, ends, zeros."""

from fractions import Fraction
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from qref.errors import InvalidInput
from qref.numerics.tensor import tensor
from qref.ops.qref.number_formats import fixed_point_decode, floating_point_encode
from qref.quantizers import floating_point
from qref.quantizers.fixed_point import FixedPoint

FLOATING = st.builds(floating_point.format_of, st.integers(1, 5), st.integers(0, 7), st.integers(-3, 20))
FIXED = st.builds(FixedPoint, st.integers(1, 11), st.integers(-5, 20))
NUMBERS = st.floats(width=32, allow_nan=False, allow_infinity=False)


def f32(*values: float) -> np.ndarray:
    return np.array(values, np.float32)


@pytest.mark.requirement("QREF-NF-001")
def test_the_numbers_of_small_formats() -> None:
    assert floating_point.values(floating_point.format_of(2, 1)).tolist() == [
        *(0, 0.5, 1, 1.5, 2, 3, 4, 6),
        *(-0.0, -0.5, -1, -1.5, -2, -3, -4, -6),
    ]
    assert floating_point.values(floating_point.format_of(2, 0, 0))[:4].tolist() == [0, 2, 4, 8]
    # one exponent bit: evenly spaced, as fixed point
    assert floating_point.values(floating_point.format_of(1, 2, 1))[:8].tolist() == (np.arange(8) / 4).tolist()


@given(FLOATING, st.data())
def test_a_code_decodes_to_a_number_that_encodes_to_it(format: object, data: st.DataObject) -> None:
    codes = np.array(data.draw(st.lists(st.integers(0, (1 << format.bits) - 1), max_size=20)), np.uint16)
    assert np.array_equal(floating_point.encode(floating_point.decode(codes, format), format), codes)


@pytest.mark.requirement("QREF-NF-002")
@given(FLOATING, NUMBERS)
def test_no_number_of_the_format_is_nearer(format: object, x: float) -> None:
    every = [Fraction(float(v)) for v in floating_point.values(format)]
    [code] = floating_point.encode(f32(x), format)
    assert abs(Fraction(x) - every[code]) == min(abs(Fraction(x) - v) for v in every)


@pytest.mark.requirement("QREF-NF-002")
@pytest.mark.parametrize(("e", "m", "bias"), [(2, 1, 1), (4, 3, 7), (3, 0, 3), (1, 3, 0)])
def test_every_tie(e: int, m: int, bias: int) -> None:
    format = floating_point.format_of(e, m, bias)
    magnitudes = floating_point.values(format)[: 1 << (e + m)].astype(np.float64)
    for code, (a, b) in enumerate(pairwise(magnitudes)):
        even = code if code % 2 == 0 and (m or code == 0) else code + 1
        found = floating_point.encode(f32((a + b) / 2, -(a + b) / 2), format)
        assert found.tolist() == [even, even + (1 << (e + m))], code


@pytest.mark.requirement("QREF-NF-003")
def test_beyond_the_ends_and_zeros() -> None:
    fp4 = floating_point.format_of(2, 1)
    found = floating_point.encode(f32(0, -0.0, 0.25, -0.25, 1e-45, -1e-45, 6, 7, -7, 3e38), fp4)
    assert found.tolist() == [0, 8, 0, 8, 0, 8, 7, 7, 15, 7]


@pytest.mark.requirement("QREF-NF-004")
def test_formats_that_there_are_not() -> None:
    for e, m, bias in ((0, 3, 0), (1, -1, 0), (8, 8, 128), (8, 7, 127), (2, 1, 200), (5, 2, -130)):
        with pytest.raises(InvalidInput):
            floating_point.format_of(e, m, bias)
    for m, f in ((0, 0), (16, 0), (3, 150), (3, -126)):
        with pytest.raises(InvalidInput):
            FixedPoint(m, f)
    with pytest.raises(InvalidInput, match="code 16 of a format of 4 bits"):
        floating_point.decode(np.array([16], np.uint16), floating_point.format_of(2, 1))
    with pytest.raises(InvalidInput, match="code 8 of a format of 3 bits"):
        fixed_point_decode(tensor([8], "uint16"), mantissa_bits=2)
    with pytest.raises(InvalidInput, match="float16"):
        floating_point_encode(tensor(np.zeros(1, np.float16), "float16"))


@pytest.mark.requirement("QREF-NF-005")
def test_fixed_point_is_sign_and_magnitude() -> None:
    values = FixedPoint(2, 1).values()
    assert values.tolist() == [0, 0.5, 1, 1.5, -0.0, -0.5, -1, -1.5]
    assert np.signbit(values).tolist() == [False] * 4 + [True] * 4
    assert FixedPoint(2, -2).values()[:4].tolist() == [0, 4, 8, 12]


@pytest.mark.requirement("QREF-NF-006")
@given(FIXED, NUMBERS)
def test_fixed_point_takes_the_nearest_even_at_ties(format: FixedPoint, x: float) -> None:
    [code] = format.encode(f32(x))
    M = abs(Fraction(x)) * Fraction(2) ** format.fraction_bits
    assert code & format.highest == min(round(M), format.highest)  # Python's round is half to even
    assert code > format.highest if x < 0 or str(x) == "-0.0" else code <= format.highest


@given(FIXED, st.lists(NUMBERS, max_size=8))
def test_encoding_what_was_decoded_gives_the_same_again(format: FixedPoint, x: list[float]) -> None:
    codes = format.encode(f32(*x))
    assert np.array_equal(format.encode(format.decode(codes)), codes)
