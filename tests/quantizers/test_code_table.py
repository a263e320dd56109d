"""Codes of N bits: uniform, logarithmic, non-uniform."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from qref.errors import InvalidInput
from qref.quantizers import floating_point, logarithmic, non_uniform, uniform
from qref.quantizers.fixed_point import FixedPoint

NUMBERS = st.floats(width=32, allow_nan=False, allow_infinity=False)
SMALL = st.floats(-9, 9, width=32)


def f32(*values: float) -> np.ndarray:
    return np.array(values, np.float32)


@pytest.mark.requirement("QREF-NF-007")
@given(st.integers(1, 64), NUMBERS)
def test_uniform_is_the_nearest_integer_of_the_range(N: int, x: float) -> None:
    assert uniform.encode(f32(x), N).tolist() == [min(max(round(Fraction(x)), 0), 2**N - 1)]


@pytest.mark.requirement("QREF-NF-007")
def test_uniform_ties_and_ends() -> None:
    assert uniform.encode(f32(0.5, 1.5, 2.5, -0.5, -9, 255.5, 300), 8).tolist() == [0, 2, 2, 0, 0, 255, 255]
    assert uniform.encode(f32(2.0**63, 3e38), 64).tolist() == [2**63, 2**64 - 1]
    assert uniform.decode(np.array([0, 7]), 3).tolist() == [0, 7]


@pytest.mark.requirement("QREF-NF-008")
@given(st.integers(1, 6), NUMBERS)
def test_logarithmic_is_the_nearest_value(N: int, x: float) -> None:
    values = logarithmic.decode(np.arange(1 << N), N).tolist()
    assert values == [0, *(2**k for k in range(2**N - 1))]
    [code] = logarithmic.encode(f32(x), N)
    assert abs(max(Fraction(x), 0) - values[code]) == min(abs(max(Fraction(x), 0) - v) for v in values)


@pytest.mark.requirement("QREF-NF-008")
def test_logarithmic_ties_go_up_but_for_the_half() -> None:
    assert logarithmic.encode(f32(0.5, 1.5, 3, 6, 1.5 * 2**40), 6).tolist() == [0, 2, 3, 4, 42]
    assert logarithmic.encode(f32(1.42, 1.45), 3).tolist() == [1, 1]  # √2 is no boundary


@pytest.mark.requirement("QREF-NF-009")
def test_the_range_for_every_N() -> None:
    assert [logarithmic.largest(N) for N in range(1, 7)] == [1, 4, 64, 2**14, 2**30, 2**62]
    assert uniform.largest(64) == 2**64 - 1
    for N in (0, 7, 20):
        with pytest.raises(InvalidInput, match="64-bit integers hold 1 to 6"):
            logarithmic.encode(f32(1), N)
    for N in (0, 65):
        with pytest.raises(InvalidInput, match="64-bit integers hold 1 to 64"):
            uniform.encode(f32(1), N)
    with pytest.raises(InvalidInput, match="code 8 of 3 bits"):
        logarithmic.decode(np.array([8]), 3)
    with pytest.raises(InvalidInput, match="code 8 of 3 bits"):
        uniform.decode(np.array([8]), 3)


@pytest.mark.requirement("QREF-NF-010")
@given(st.lists(SMALL, min_size=1, max_size=9), SMALL)
def test_non_uniform_is_the_nearest_value_the_larger_at_ties_the_first_of_equals(C: list[float], x: float) -> None:
    [code] = non_uniform.encode(f32(x), f32(*C))
    exact = [Fraction(float(v)) for v in f32(*C)]
    assert code == max(range(len(C)), key=lambda c: (-abs(Fraction(x) - exact[c]), exact[c], -c))


@pytest.mark.requirement("QREF-NF-010")
def test_values_that_are_far_apart() -> None:
    C = f32(2.0**-149, 1.0)
    half, above = np.float32(0.5), np.nextafter(np.float32(0.5), np.float32(1))
    assert non_uniform.encode(f32(half, above), C).tolist() == [0, 1]  # the boundary is 0.5 + 2⁻¹⁵⁰
    assert non_uniform.encode(f32(half), f32(-(2.0**-149), 1.0)).tolist() == [1]


def test_codebooks_that_are_none() -> None:
    for C in (np.zeros(0), np.zeros(257), np.zeros((2, 2))):
        with pytest.raises(InvalidInput, match="give 1 to 256 values"):
            non_uniform.encode(f32(1), C.astype(np.float32))
    with pytest.raises(InvalidInput, match="code 2 in a codebook of 2 values"):
        non_uniform.decode(np.array([2]), f32(1, 2))


@pytest.mark.parametrize("code", [-1, 300])
def test_codes_that_there_are_not_are_refused(code: int) -> None:
    codes = np.array([0, code])
    for decode in (
        lambda: uniform.decode(codes, 8),
        lambda: logarithmic.decode(codes, 6),
        lambda: non_uniform.decode(codes, np.zeros(256, np.float32)),
        lambda: floating_point.decode(codes, floating_point.format_of(2, 1)),
        lambda: FixedPoint(3, 0).decode(codes),
    ):
        with pytest.raises(InvalidInput, match=f"code {code} "):
            decode()
