"""Fixed point of every width, and TFLite's multiplier arithmetic, against exact rationals."""

import math
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qref.errors import InvalidInput
from qref.numerics.fixed_point import (
    FixedPoint,
    quantize_multiplier,
    rounding_divide_by_pot,
    saturating_rounding_doubling_high_mul,
)
from qref.numerics.rounding import floor

INT32 = st.integers(-(2**31), 2**31 - 1)
EDGES = [-(2**31), -(2**31) + 1, -(2**30) - 1, -(2**30), -3, -2, -1, 0, 1, 2, 3, 2**30 - 1, 2**30, 2**31 - 2, 2**31 - 1]


@pytest.mark.parametrize("signed", [True, False])
@pytest.mark.parametrize("bits", range(1, 33))
def test_every_width_has_its_ends(bits: int, signed: bool) -> None:
    fixed = FixedPoint(bits, signed, fraction=3)
    count = 2**bits
    assert fixed.highest - fixed.lowest + 1 == count
    assert fixed.lowest == (-count // 2 if signed else 0)
    assert fixed.decode(fixed.highest) == Fraction(fixed.highest, 8)
    for beyond in (fixed.lowest - 1, fixed.highest + 1):
        with pytest.raises(InvalidInput, match=str(beyond)):
            fixed.decode(beyond)
    assert fixed.encode(Fraction(10) ** 30) == fixed.highest
    assert fixed.encode(-(Fraction(10) ** 30)) == fixed.lowest


@pytest.mark.parametrize("bits", range(1, 7))
@pytest.mark.parametrize("signed", [True, False])
@pytest.mark.parametrize("fraction", [-2, 0, 3, 9])
def test_small_widths_by_searching_the_nearest_code(bits: int, signed: bool, fraction: int) -> None:
    fixed = FixedPoint(bits, signed, fraction)
    codes = range(fixed.lowest, fixed.highest + 1)
    step = Fraction(1) / Fraction(2) ** fraction
    assert [fixed.decode(code) for code in codes] == [code * step for code in codes]
    for eighths in range(8 * (fixed.lowest - 2), 8 * (fixed.highest + 3)):
        value = Fraction(eighths, 8) * step
        # the nearest code; at a tie the even one comes first
        best = min(codes, key=lambda code: (abs(code * step - value), code % 2))
        assert fixed.encode(value) == best


@given(bits=st.integers(1, 32), signed=st.booleans(), fraction=st.integers(-40, 40), code=st.integers(0, 2**32 - 1))
def test_codes_survive_the_way_there_and_back(bits: int, signed: bool, fraction: int, code: int) -> None:
    fixed = FixedPoint(bits, signed, fraction)
    code = fixed.lowest + code % 2**bits
    assert fixed.encode(fixed.decode(code)) == code


def test_the_rounding_can_be_chosen() -> None:
    assert FixedPoint(8, True, 1).encode(Fraction(-1, 3), floor) == -1
    assert FixedPoint(8, True, 1).encode(Fraction(-1, 3)) == -1
    assert FixedPoint(8, True, 1).encode(Fraction(-1, 5), floor) == -1
    assert FixedPoint(8, True, 1).encode(Fraction(-1, 5)) == 0


@pytest.mark.parametrize("bits", [0, 33, -1])
def test_widths_that_do_not_exist(bits: int) -> None:
    with pytest.raises(InvalidInput, match=str(bits)):
        FixedPoint(bits, True, 0)


def exact_multiplier(M: Fraction) -> tuple[int, int]:
    """m and e with 2³⁰ ≤ m < 2³¹ and m · 2^(e−31) nearest to M, halves up; tiny M flushed."""
    e = -400
    while Fraction(2) ** e <= M:
        e += 1
    m = math.floor(M * 2**31 / Fraction(2) ** e + Fraction(1, 2))
    if m == 2**31:
        m, e = 2**30, e + 1
    return (m, e) if e >= -31 else (0, 0)


@pytest.mark.requirement("QREF-RQ-009")
@pytest.mark.parametrize(
    ("M", "expected"),
    [
        (0.0, (0, 0)),
        (1.0, (2**30, 1)),
        (0.5, (2**30, 0)),
        (0.25, (2**30, -1)),
        (3.0, (3 * 2**29, 2)),
        (math.nextafter(1.0, 0.0), (2**30, 1)),  # the fraction rounds up to 2³¹
        (1 - 2.0**-32, (2**30, 1)),  # a tie, away from zero, into 2³¹
        (1 - 2.0**-31, (2**31 - 1, 0)),
        (1 - 2.0**-32 - 2.0**-40, (2**31 - 1, 0)),
        (2.0**-32, (2**30, -31)),  # the smallest that is kept
        (math.nextafter(2.0**-32, 0.0), (2**30, -31)),  # rounds up to it before the flush
        (2.0**-32 * (1 - 2.0**-31), (0, 0)),
        (2.0**-33, (0, 0)),
        (5e-324, (0, 0)),
        (2.0**30, (2**30, 31)),
    ],
)
def test_multiplier_corners(M: float, expected: tuple[int, int]) -> None:
    assert quantize_multiplier(M) == expected


@pytest.mark.requirement("QREF-RQ-009")
@given(fraction=st.integers(2**52, 2**53 - 1), e=st.integers(-120, 60))
def test_multiplier_of_any_double(fraction: int, e: int) -> None:
    M = math.ldexp(fraction, e - 53)
    assert quantize_multiplier(M) == exact_multiplier(Fraction(M))


@pytest.mark.requirement("QREF-RQ-009")
@given(m=st.integers(2**30, 2**31 - 1), e=st.integers(-31, 30), side=st.sampled_from([-1, 0, 1]))
def test_multiplier_at_its_ties(m: int, e: int, side: int) -> None:
    M = math.ldexp((2 * m + 1) * 2**21 + side, e - 53)
    assert quantize_multiplier(M) == exact_multiplier(Fraction(M))


def gemmlowp_high_mul(a: int, b: int) -> int:
    """As gemmlowp writes it: a nudge by the sign of the product, then C's division, which truncates."""
    if a == b == -(2**31):
        return 2**31 - 1
    nudge = 2**30 if a * b >= 0 else 1 - 2**30
    return math.trunc(Fraction(a * b + nudge, 2**31))


def exact_high_mul(a: int, b: int) -> int:
    """a · b / 2³¹ to nearest, ties toward +∞, held in 32 bits."""
    return min(math.floor(Fraction(a * b, 2**31) + Fraction(1, 2)), 2**31 - 1)


@pytest.mark.requirement("QREF-RQ-010")
def test_high_mul_at_the_ends() -> None:
    for a in EDGES:
        for b in EDGES:
            found = saturating_rounding_doubling_high_mul(a, b)
            assert found == exact_high_mul(a, b) == gemmlowp_high_mul(a, b), (a, b)
    assert saturating_rounding_doubling_high_mul(-(2**31), -(2**31)) == 2**31 - 1
    assert saturating_rounding_doubling_high_mul(-(2**31), 2**31 - 1) == -(2**31) + 1


@pytest.mark.requirement("QREF-RQ-010")
@given(a=INT32, b=INT32)
def test_high_mul_anywhere(a: int, b: int) -> None:
    assert saturating_rounding_doubling_high_mul(a, b) == exact_high_mul(a, b) == gemmlowp_high_mul(a, b)


@pytest.mark.requirement("QREF-RQ-010")
@given(k=st.integers(-(2**20), 2**20), shift=st.integers(0, 10))
def test_high_mul_at_its_ties(k: int, shift: int) -> None:
    a, b = (2 * k + 1) << shift, 1 << (30 - shift)  # a · b = (k + 1/2) · 2³¹
    assert saturating_rounding_doubling_high_mul(a, b) == k + 1


def exact_divide(x: int, exponent: int) -> int:
    """|x| / 2^exponent to nearest, halves up, and the sign put back."""
    magnitude = math.floor(Fraction(abs(x), 2**exponent) + Fraction(1, 2))
    return magnitude if x >= 0 else -magnitude


@pytest.mark.requirement("QREF-RD-002", "QREF-RQ-011")
@pytest.mark.parametrize("exponent", range(32))
def test_division_by_a_power_of_two_at_the_ends(exponent: int) -> None:
    half = 2**exponent // 2
    for whole in (-3, -2, -1, 0, 1, 2, 3):
        for x in [*EDGES, *(whole * 2**exponent + half + side for side in (-1, 0, 1))]:
            if -(2**31) <= x < 2**31:
                assert rounding_divide_by_pot(x, exponent) == exact_divide(x, exponent), x


@pytest.mark.requirement("QREF-RD-002", "QREF-RQ-011")
@given(x=INT32, exponent=st.integers(0, 31))
def test_division_by_a_power_of_two_anywhere(x: int, exponent: int) -> None:
    assert rounding_divide_by_pot(x, exponent) == exact_divide(x, exponent)
