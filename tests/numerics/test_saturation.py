"""Saturation and wrapping against walking around the number circle."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from qref.numerics.saturation import saturate, wrap


@pytest.mark.parametrize(("bits", "signed"), [(1, True), (1, False), (2, True), (3, False), (4, True), (8, True)])
def test_wrapping_walks_around_the_circle(bits: int, signed: bool) -> None:
    lowest = -(2 ** (bits - 1)) if signed else 0
    circle = [lowest + i for i in range(2**bits)]
    for value in range(-3 * 2**bits, 3 * 2**bits):
        assert wrap(value, bits, signed) == circle[(value - lowest) % len(circle)]


@given(value=st.integers(-(2**70), 2**70))
def test_wrapping_to_32_bits_is_what_c_does(value: int) -> None:
    low = value.to_bytes(16, "little", signed=True)[:4]
    assert wrap(value, 32) == int.from_bytes(low, "little", signed=True)
    assert wrap(value, 32, signed=False) == int.from_bytes(low, "little")


@pytest.mark.requirement("QREF-RD-006")
def test_arrays() -> None:
    values = np.array([-(2**40), -129, -128, 0, 127, 128, 255, 256, 2**40 + 5])
    assert wrap(values, 8).tolist() == [np.int64(v).astype(np.int8) for v in values]
    assert wrap(values, 8, signed=False).tolist() == [np.int64(v).astype(np.uint8) for v in values]
    assert saturate(values, -128, 127).tolist() == [-128, -128, -128, 0, 127, 127, 127, 127, 127]


@pytest.mark.requirement("QREF-RD-006")
@given(value=st.integers(), lowest=st.integers(-300, 0), length=st.integers(0, 300))
def test_saturating_is_the_median(value: int, lowest: int, length: int) -> None:
    assert saturate(value, lowest, lowest + length) == sorted([value, lowest, lowest + length])[1]
