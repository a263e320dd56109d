"""Shift convolution: exact in units of the lowest exponent, zero weights left out, no sum that could overflow."""

from dataclasses import replace
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from qref.conv import Geometry
from qref.conv.shift import cost, powers, shift, shifted
from qref.errors import InvalidInput

POINT = Geometry((1,), (1,), (1,), (0,), (0,))
TYPES = st.sampled_from([np.int8, np.uint8, np.int16])


def row(values: list[int], dtype: Any = np.int8) -> Any:
    """Channels of one pixel, or of one kernel."""
    return np.array(values, dtype).reshape(1, -1, 1)


@pytest.mark.requirement("QREF-CV-016", "QREF-CV-017")
@given(data=st.data(), dtype=TYPES, sum_=st.sampled_from([np.int32, np.int64]), lowest=st.integers(-9, 4))
def test_any_layer_is_the_sum_of_products(
    layers: Any, definition: Any, data: st.DataObject, dtype: Any, sum_: Any, lowest: int
) -> None:
    drawn = data.draw(layers)
    rng, shapes = np.random.default_rng(drawn.seed), drawn.shapes
    ends = np.iinfo(dtype)
    x = rng.choice(np.array([ends.min, ends.max, 0, 1, 77]), shapes.x).astype(dtype)
    signs = rng.integers(-1, 2, shapes.w).astype(np.int8)
    most = 4 if sum_ == np.int32 else 35
    exponents = rng.integers(lowest, lowest + most + 1, shapes.w).astype(np.int8)
    exponents[signs == 0] = rng.integers(-128, 128)
    y = shifted(x, signs, exponents, shapes.geometry, lowest, sum_)
    units = signs.astype(np.int64) << np.where(signs == 0, 0, exponents.astype(np.int64) - lowest)
    assert y.dtype == sum_
    assert y.tolist() == definition(x, units, shapes.geometry).tolist()


@pytest.mark.requirement("QREF-CV-016")
def test_integers_that_are_powers_are_taken_as_they_are() -> None:
    w = row([0, 1, -1, 2, -2, 64, -128])[0, :, 0]
    signs, exponents = (codes[0, :, 0] for codes in powers(row(w.tolist())))
    assert signs.tolist() == [0, 1, -1, 1, -1, 1, -1] and exponents.tolist() == [0, 0, 0, 1, 1, 6, 7]
    assert shift(row([1, 2, 3, 4, 5, 6, 7]), row(w.tolist()), POINT).item() == 2 - 3 + 8 - 10 + 384 - 896
    for wrong in (3, -6, 127):
        with pytest.raises(InvalidInput, match=f"a weight is {wrong}: give 0 or"):
            powers(row([1, wrong]))


@given(st.lists(st.integers(-128, 127), min_size=1, max_size=9), st.sampled_from([np.float32, np.float64]))
def test_so_are_floats(exponents: list[int], dtype: Any) -> None:
    """What incremental quantization and logarithmic codes decode to."""
    w = np.ldexp(np.resize([1.0, -1.0], len(exponents)), exponents).astype(dtype).reshape(1, -1, 1)
    signs, found = powers(w)
    assert signs.ravel().tolist() == np.sign(w).ravel().tolist() and found.ravel().tolist() == exponents
    for wrong in (np.ldexp(1.0, -129), 0.75, np.inf, np.nan):
        with pytest.raises(InvalidInput, match="give 0 or"):
            powers(np.full((1, 1, 1), wrong))


@given(st.lists(st.tuples(st.integers(-128, 127), st.sampled_from([-1, 0, 1]), st.integers(-8, 8)), max_size=9))
def test_the_unit_is_two_to_the_lowest(terms: list[tuple[int, int, int]]) -> None:
    x, signs, exponents = (row([term[i] for term in terms]) for i in range(3))
    real = sum((x * s * Fraction(2) ** e for x, s, e in terms), Fraction(0))
    for lowest in (-8, -11):
        assert shifted(x, signs, exponents, POINT, lowest).item() * Fraction(2) ** lowest == real


@pytest.mark.requirement("QREF-CV-017")
def test_halves_add_up_where_right_shifts_do_not() -> None:
    x, one, half = row([-1, -1]), row([1, 1]), row([-1, -1])
    assert shifted(x, one, half, POINT, lowest=-1).item() == -2  # −1, in halves
    assert int((x >> 1).sum()) == -2  # −2, in ones
    with pytest.raises(InvalidInput, match="an exponent is -1, 0 is said to be the lowest"):
        shifted(x, one, half, POINT)


@pytest.mark.requirement("QREF-CV-016")
def test_zero_weights_have_any_exponent() -> None:
    for exponent in (-128, 0, 127):
        assert shifted(row([5, 7]), row([0, 1]), row([exponent, 0]), POINT).item() == 7
    with pytest.raises(InvalidInput, match="go from 0 to 2"):
        shifted(row([5, 7]), row([0, 2]), row([0, 0]), POINT)


@pytest.mark.requirement("QREF-CV-018")
@pytest.mark.parametrize(("dtype", "most"), [(np.int8, 128), (np.uint8, 255), (np.int16, 32768)])
@pytest.mark.parametrize(("sum_", "bits"), [(np.int32, 31), (np.int64, 63)])
def test_the_farthest_sum_fits_and_one_more_is_refused(dtype: Any, most: int, sum_: Any, bits: int) -> None:
    room = (2**bits - 1) // most
    exponents = [i for i in range(bits) if room >> i & 1]
    ends = np.iinfo(dtype)
    x = row([ends.min if ends.min else ends.max] * len(exponents), dtype)
    ones = row([1] * len(exponents))
    y = shifted(x, ones, row(exponents), POINT, 0, sum_).item()
    assert abs(y) == most * room and abs(y) + most > 2**bits - 1
    with pytest.raises(InvalidInput, match=f"can reach {most * room + most}: more than {np.dtype(sum_)} holds"):
        shifted(np.append(x, x[:, :1], 1), row([1] * (len(exponents) + 1)), row([*exponents, 0]), POINT, 0, sum_)
    with pytest.raises(InvalidInput, match="output channel 0 can reach"):
        shifted(row([0], dtype), row([1]), row([127]), POINT, -128, sum_)


@given(data=st.data())
def test_shifts_are_those_that_happen(layers: Any, data: st.DataObject) -> None:
    drawn = data.draw(layers)
    x, w = np.ones(drawn.shapes.x, np.int8), np.ones(drawn.shapes.w, np.int8)
    y = shift(x, w, drawn.shapes.geometry)
    found = cost(drawn.shapes)
    assert found.shifts == found.additions == int(y.sum()) and found.multiplications == 0
    half = cost(replace(drawn.shapes, nonzeros=w.size // 2))
    assert abs(2 * half.shifts - found.shifts) <= found.shifts // max(w.size, 1) + 2


def test_no_image_no_channel_no_weight() -> None:
    assert shift(np.zeros((0, 2, 3), np.int8), np.zeros((4, 2, 1), np.int8), POINT).shape == (0, 4, 3)
    assert shift(np.zeros((1, 2, 3), np.int8), np.zeros((0, 2, 1), np.int8), POINT).shape == (1, 0, 3)
    assert shift(np.ones((1, 2, 3), np.int8), np.zeros((4, 2, 1), np.int8), POINT).tolist() == [[[0] * 3] * 4]
