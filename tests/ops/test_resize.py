"""Resize against its formulas, written down again on exact rationals, one axis at a time."""

import math
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from qref.errors import InvalidInput, NotFixed, Unsupported
from qref.numerics.floats import decode, encode
from qref.numerics.tensor import Tensor, tensor
from qref.ops.onnx.resize import OTHER_SCALE, TEXT, alternatives, averages, bound, plan, resize

HALF = Fraction(1, 2)
MODES = ("half_pixel", "pytorch_half_pixel", "align_corners", "asymmetric", "half_pixel_symmetric")
NEAREST = ("round_prefer_floor", "round_prefer_ceil", "floor", "ceil")


def f(values: Any, dtype: str = "float32") -> Tensor:
    return encode(np.asarray(values, np.float64), dtype)


def i(values: Any) -> Tensor:
    return tensor(np.asarray(values, np.int64), "int64")


def scaled(x: Any, scales: Any, opset: int = 19, **attributes: Any) -> list[float]:
    """One axis or more resized by scales; the values in order."""
    return decode(resize(f(x), None, f(scales), opset=opset, **attributes)).ravel().tolist()


def sized(x: Any, sizes: Any, opset: int = 19, **attributes: Any) -> list[float]:
    return decode(resize(f(x), None, None, i(sizes), opset=opset, **attributes)).ravel().tolist()


def coordinate(mode: str, k: int, before: int, after: int) -> Fraction:
    """x_original, as the attribute's text has it, for sizes."""
    if before == 1:
        return Fraction(0)
    scale = Fraction(after, before)
    return {
        "asymmetric": k / scale,
        "align_corners": Fraction(k * (before - 1), max(after - 1, 1)),
        "pytorch_half_pixel": (k + HALF) / scale - HALF if after > 1 else Fraction(0),
    }.get(mode, (k + HALF) / scale - HALF)


def rounded(c: Fraction, mode: str) -> int:
    """The nearest integer: Python's own rounding to even, corrected at the ties."""
    if mode in ("floor", "ceil"):
        return math.floor(c) if mode == "floor" else math.ceil(c)
    if c % 1 == HALF:
        return math.floor(c) if mode == "round_prefer_floor" else math.ceil(c)
    return round(c)


lengths = st.integers(1, 9)


@pytest.mark.requirement("QREF-FE-031", "QREF-FE-032", "QREF-FE-033")
@given(before=lengths, after=lengths, mode=st.sampled_from(MODES), rounding=st.sampled_from(NEAREST))
def test_nearest_elements(before: int, after: int, mode: str, rounding: str) -> None:
    if mode == "align_corners" and after == 1 < before:
        return
    found = sized(np.arange(before), [after], coordinate_transformation_mode=mode, nearest_mode=rounding)
    index = [rounded(coordinate(mode, k, before, after), rounding) for k in range(after)]
    assert found == [min(max(n, 0), before - 1) for n in index]


@pytest.mark.requirement("QREF-FE-034", "QREF-FE-039")
@given(data=st.data(), before=lengths, after=lengths, mode=st.sampled_from(MODES))
def test_linear_interpolation(data: st.DataObject, nearest: Any, before: int, after: int, mode: str) -> None:
    if mode == "align_corners" and after == 1 < before:
        return
    x = data.draw(st.lists(st.floats(-8, 8, width=32), min_size=before, max_size=before))
    exact = []
    for k in range(after):
        c = min(max(coordinate(mode, k, before, after), Fraction(0)), Fraction(before - 1))
        low = min(math.floor(c), before - 1)
        high = min(low + 1, before - 1)
        exact.append(Fraction(x[low]) + (c - low) * (Fraction(x[high]) - Fraction(x[low])))
    found = sized(x, [after], mode="linear", coordinate_transformation_mode=mode)
    assert found == [nearest(value, "float32") for value in exact]


@pytest.mark.requirement("QREF-FE-033")
def test_ties_between_two_elements() -> None:
    """Four elements to two: the coordinates are 0.5 and 2.5."""
    x = [10.0, 11.0, 12.0, 13.0]
    ways = {mode: scaled(x, [0.5], nearest_mode=mode) for mode in NEAREST}
    assert ways["round_prefer_floor"] == ways["floor"] == [10.0, 12.0]
    assert ways["round_prefer_ceil"] == ways["ceil"] == [11.0, 13.0]


@pytest.mark.requirement("QREF-FE-032")
def test_the_coordinate_modes_tell_apart() -> None:
    x = [0.0, 1.0, 2.0]
    five = {mode: sized(x, [5], mode="linear", coordinate_transformation_mode=mode) for mode in MODES[:4]}
    assert five["align_corners"] == [0, 0.5, 1, 1.5, 2]
    assert five["asymmetric"] == pytest.approx([0, 0.6, 1.2, 1.8, 2])
    assert five["half_pixel"] == pytest.approx([0, 0.4, 1, 1.6, 2])
    one = [sized(x, [1], mode="linear", coordinate_transformation_mode=mode) for mode in MODES[:2]]
    assert one == [[1.0], [0.0]]
    for_nn = resize(f(x), f([]), f([]), i([6]), coordinate_transformation_mode="tf_half_pixel_for_nn", opset=11)
    assert decode(for_nn).tolist() == [0, 1, 1, 2, 2, 2], "0.25, 0.75, 1.25 …, half down"


@pytest.mark.requirement("QREF-FE-030")
def test_lengths_of_scales_are_rounded_down() -> None:
    assert resize(f(np.ones((3, 5))), None, f([1.5, 0.5])).shape == (4, 2)
    assert resize(f(np.ones(10)), None, f([0.7])).shape == (6,), "0.7 as float32 is 0.69999999"
    assert resize(f(np.ones(2)), None, f([0.25])).shape == (0,)
    crop = {"coordinate_transformation_mode": "tf_crop_and_resize"}
    assert resize(f(np.ones(5)), f([0.25, 0.75]), f([2.0]), **crop).shape == (5,)


@pytest.mark.requirement("QREF-FE-030", "QREF-FE-032")
def test_the_other_scale_is_acceptable_for_the_nearest_and_open_for_averages() -> None:
    """Three times 1.5 is four: the quotient of the lengths is 4/3."""
    x = f([0.0, 1.0, 2.0])
    with pytest.raises(NotFixed, match="its examples take the factor"):
        resize(x, None, f([1.5]), mode="linear")
    assert decode(resize(x, None, f([1.5]), mode="linear", coordinate_transformation_mode="align_corners"))[3] == 2
    assert resize(f(np.arange(10)), None, f([1.2]), mode="linear").shape == (12,), "12 but for the rounding of 1.2"
    for_nearest = dict(alternatives(x, None, f([1.5]), coordinate_transformation_mode="asymmetric", opset=19))
    assert decode(for_nearest[OTHER_SCALE][0]).tolist() == [0, 1, 1, 2]


@pytest.mark.requirement("QREF-FE-032")
def test_float32_coordinates_are_acceptable_where_they_round_otherwise() -> None:
    """10 · 0.6 as float32: 3 / 0.6 is 4.9999998, and 5 in float32."""
    x, scale = f(np.arange(10)), f([0.6])
    attributes = {"coordinate_transformation_mode": "asymmetric", "nearest_mode": "floor"}
    given_exactly = dict(alternatives(x, None, scale, opset=19, **attributes))
    assert decode(given_exactly[OTHER_SCALE][0])[3] == 4
    assert decode(given_exactly["coordinates in float32, of the other of the two scales"][0])[3] == 5


@pytest.mark.requirement("QREF-FE-031")
def test_ratios_that_are_kept() -> None:
    x = f(np.zeros((2, 4)))
    shapes = {
        p: resize(x, None, None, i([6, 8]), keep_aspect_ratio_policy=p).shape for p in ("not_larger", "not_smaller")
    }
    assert shapes == {"not_larger": (4, 8), "not_smaller": (6, 12)}
    halves = resize(f(np.zeros((2, 3))), None, None, i([3, 9]), keep_aspect_ratio_policy="not_larger")
    assert halves.shape == (3, 5), "3 · 3/2 is 4.5, and rounds up"


@pytest.mark.requirement("QREF-FE-035")
def test_axes_in_any_order() -> None:
    x = np.arange(4.0).reshape(2, 2)
    assert resize(f(x), None, f([3.0, 1.0]), axes=[1, 0]).shape == (2, 6)
    assert scaled(x, [2.0], axes=[-1]) == [0, 0, 1, 1, 2, 2, 3, 3]
    assert resize(f(x), None, None, i([5]), axes=[0]).shape == (5, 2)
    with pytest.raises(NotFixed, match="an axis twice"):
        resize(f(x), None, f([2.0, 2.0]), axes=[1, -1])


@pytest.mark.requirement("QREF-FE-036")
def test_regions_beyond_the_input() -> None:
    crop = {"coordinate_transformation_mode": "tf_crop_and_resize", "extrapolation_value": -1.0}
    x = f([0.0, 1.0, 2.0, 3.0, 4.0])
    for mode in ("nearest", "linear"):
        assert decode(resize(x, f([0.5, 1.5]), None, i([5]), mode=mode, **crop)).tolist() == [2, 3, 4, -1, -1]
        assert decode(resize(x, f([1.0, 0.0]), None, i([5]), mode=mode, **crop)).tolist() == [4, 3, 2, 1, 0]
    assert decode(resize(x, f([0.25, 0.5]), None, i([1]), mode="linear", **crop)).tolist() == [1.5]
    assert resize(tensor([1, 2], "int8"), f([0.0, 2.0]), None, i([3]), **crop).data.tolist() == [1, 2, -1]
    with pytest.raises(NotFixed, match="extrapolation_value"):
        resize(tensor([1, 2], "uint8"), f([0.0, 2.0]), None, i([3]), **crop)


@pytest.mark.requirement("QREF-FE-037")
@given(length=st.integers(1, 9), scale=st.sampled_from([0.5, 0.75, 1.25, 1.5, 2.0]))
def test_half_pixel_symmetric_is_symmetric(length: int, scale: float) -> None:
    x = np.abs(np.arange(length) - (length - 1) / 2)
    attributes = {"mode": "linear", "coordinate_transformation_mode": "half_pixel_symmetric"}
    y = decode(averages(plan(f(x), None, f([scale]), **attributes, opset=19), TEXT)).tolist()
    assert y == pytest.approx(y[::-1], abs=1e-6)


@pytest.mark.requirement("QREF-FE-034")
def test_two_axes_are_one_after_the_other() -> None:
    """Bilinear interpolation of numbers that float32 holds exactly: rows and then columns give the same."""
    x = np.array([[0.0, 8.0, 4.0], [16.0, -8.0, 32.0]])
    both = resize(f(x), None, f([2.0, 2.0]), mode="linear")
    rows = resize(f(x), None, f([1.0, 2.0]), mode="linear")
    assert both.same(resize(rows, None, f([2.0, 1.0]), mode="linear"))


@pytest.mark.requirement("QREF-FE-034", "QREF-FE-039")
def test_exclude_outside_changes_nothing_in_linear_interpolation() -> None:
    x = [1.0, 3.0, -5.0]
    for exclude in (0, 1):
        assert scaled(x, [2.0], mode="linear", exclude_outside=exclude) == [1, 1.5, 2.5, 1, -3, -5]


@pytest.mark.requirement("QREF-FE-034")
@given(data=st.data(), before=st.tuples(lengths, lengths), after=st.tuples(lengths, lengths))
def test_interpolation_in_float32_lies_within_the_bound(
    data: st.DataObject, before: tuple[int, int], after: tuple[int, int]
) -> None:
    number = st.floats(-8, 8, width=32)
    x = np.array(data.draw(st.lists(number, min_size=before[0] * before[1], max_size=before[0] * before[1])))
    x = x.astype(np.float32).reshape(before)
    golden = resize(f(x), None, None, i(after), mode="linear").data.astype(np.float64)
    [found] = bound(f(x), None, None, i(after), mode="linear", opset=19) or []
    single = x
    for axis in (0, 1):
        scale = np.float32(after[axis]) / np.float32(before[axis])
        half = np.float32(0.5)
        c = np.clip((np.arange(after[axis], dtype=np.float32) + half) / scale - half, 0, np.float32(before[axis] - 1))
        low = np.floor(c).astype(int)
        t = (c - low.astype(np.float32)).reshape([-1 if k == axis else 1 for k in (0, 1)])
        high = np.minimum(low + 1, before[axis] - 1)
        single = np.take(single, low, axis) * (np.float32(1) - t) + np.take(single, high, axis) * t
    assert single.dtype == np.float32
    assert (np.abs(single - golden) <= found.tolerance).all()


@pytest.mark.requirement("QREF-FE-038")
def test_what_the_text_rules_out() -> None:
    x = f(np.ones((1, 2)))
    two = f([1.0, 2.0])
    for arguments, attributes in (
        ((None, two, i([1, 4])), {}),
        ((), {}),
        ((None, f([2.0])), {}),
        ((None, f([1.0, 0.0])), {}),
        ((None, f([1.0, -2.0])), {}),
        ((None, None, i([4])), {}),
        ((None, two), {"mode": "quadratic"}),
        ((None, two), {"nearest_mode": "round"}),
        ((None, two), {"coordinate_transformation_mode": "tf_half_pixel_for_nn"}),
        ((None, two), {"axes": [2, 0]}),
        ((None, two), {"axes": [1]}),
    ):
        with pytest.raises(InvalidInput):
            resize(x, *arguments, **attributes)
    with pytest.raises(InvalidInput, match="takes both"):
        resize(x, None, two, opset=11)


def test_what_is_open_or_not_computed() -> None:
    x = f([1.0, 2.0, 3.0])
    with pytest.raises(NotFixed, match="0 by 0"):
        sized([1.0, 2.0], [1], coordinate_transformation_mode="align_corners")
    with pytest.raises(NotFixed, match="averages"):
        resize(tensor([1, 2], "uint8"), None, f([2.0]), mode="linear")
    with pytest.raises(NotFixed, match="infinities"):
        scaled([1.0, np.inf], [2.0], mode="linear")
    with pytest.raises(NotFixed, match="without roi"):
        resize(x, None, None, i([2]), coordinate_transformation_mode="tf_crop_and_resize")
    with pytest.raises(NotFixed, match="no elements"):
        resize(f([]), None, None, i([2]))
    for attributes in ({"mode": "cubic"}, {"mode": "linear", "antialias": 1}):
        with pytest.raises(Unsupported):
            resize(x, None, f([0.5]), **attributes)
    assert scaled([1.0, 2.0], [2.0], mode="linear", antialias=1) == [1, 1.25, 1.75, 2], "upsampling has no filter"
    with pytest.raises(Unsupported):
        resize(tensor([1.0, 2.0], "float64"), None, f([2.0]), mode="linear")
    assert resize(tensor([1.0, 2.0], "float64"), None, f([2.0])).data.tolist() == [1, 1, 2, 2]
