"""Relu, LeakyRelu, PRelu, Clip, HardSigmoid and HardSwish against their formulas on exact rationals."""

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
from qref.ops.onnx import clip, hard_sigmoid, hard_swish, leaky_relu, p_relu, relu

DTYPES = ("float32", "float16", "bfloat16")
INF, NAN = math.inf, math.nan
factor = st.floats(-4, 4, width=32)


def f(values: Any, dtype: str = "float32") -> Tensor:
    return encode(np.asarray(values, np.float64), dtype)


def number(dtype: str) -> st.SearchStrategy[float]:
    anything = st.floats(width=16 if dtype == "float16" else 32, allow_nan=False, allow_infinity=False)
    near = st.floats(-8, 8, width=16)
    return (anything | near).map(lambda v: float(decode(f(v, dtype)))).filter(math.isfinite)


def held(value: Fraction, low: float = 0, high: float = 1) -> Fraction:
    return min(max(value, Fraction(low)), Fraction(high))


@pytest.mark.requirement("QREF-FE-010")
def test_relu() -> None:
    assert relu.relu(f([-2.0, 0.0, 3.5, INF, -INF, 2.0**-149])).data.tolist() == [0, 0, 3.5, INF, 0, 2.0**-149]
    assert relu.relu(tensor([-128, 0, 127], "int8")).data.tolist() == [0, 0, 127]
    assert np.isnan(relu.relu(f(NAN)).data), "qref's choice: the case is open"


@pytest.mark.requirement("QREF-FE-011")
@pytest.mark.parametrize("dtype", DTYPES)
@given(data=st.data())
def test_leaky_relu(dtype: str, nearest: Any, data: st.DataObject) -> None:
    x, alpha = data.draw(number(dtype)), data.draw(factor)
    y = leaky_relu.leaky_relu(f(x, dtype), alpha=alpha)
    exact = Fraction(alpha) * Fraction(x) if x < 0 else Fraction(x)
    assert float(decode(y)) == nearest(exact, dtype)


@pytest.mark.requirement("QREF-FE-011")
def test_the_default_slope_and_nan() -> None:
    assert leaky_relu.leaky_relu(f([-1.0, 2.0])).data.tolist() == [-np.float32(0.01), 2.0]
    assert np.isnan(leaky_relu.leaky_relu(f(NAN)).data)
    assert leaky_relu.leaky_relu(f([-INF, INF]), alpha=0.5).data.tolist() == [-INF, INF]


@pytest.mark.requirement("QREF-FE-011")
def test_the_factor_converted_to_float16_is_acceptable() -> None:
    """0.01 is 0.01000214 in float16, and −2.5 times that another number."""
    x = f(-2.5, "float16")
    [bound] = leaky_relu.bound(x, opset=16)
    converted = float(decode(f(float(np.float16(0.01)) * -2.5, "float16")))
    golden = float(decode(leaky_relu.leaky_relu(x)))
    assert converted != golden
    assert not bound.tolerance.any()
    assert abs(converted - golden) <= dict(bound.wider)[leaky_relu.CONVERTED]


@pytest.mark.requirement("QREF-FE-012")
@pytest.mark.parametrize("dtype", DTYPES)
@given(data=st.data())
def test_p_relu(dtype: str, nearest: Any, data: st.DataObject) -> None:
    x, slope = data.draw(number(dtype)), data.draw(number(dtype))
    exact = Fraction(slope) * Fraction(x) if x < 0 else Fraction(x)
    assert float(decode(p_relu.p_relu(f(x, dtype), f(slope, dtype)))) == nearest(exact, dtype)


@pytest.mark.requirement("QREF-FE-012")
def test_a_slope_for_each_channel() -> None:
    x = f(-np.ones((2, 3, 2)))
    y = p_relu.p_relu(x, f([[1.0], [2.0], [3.0]]))
    assert y.data[1].tolist() == [[-1, -1], [-2, -2], [-3, -3]]
    assert p_relu.p_relu(tensor([-3, 4], "int32"), tensor([5, 7], "int32")).data.tolist() == [-15, 4]
    with pytest.raises(NotFixed):
        p_relu.p_relu(tensor(-(2**31), "int32"), tensor(2, "int32"))


@pytest.mark.requirement("QREF-FE-013")
@pytest.mark.parametrize(("x", "slope"), [((2,), (3,)), ((1,), (2,)), ((2, 3), (2,)), ((3,), (1, 3))])
def test_a_slope_never_stretches_the_input(x: tuple[int, ...], slope: tuple[int, ...]) -> None:
    with pytest.raises(InvalidInput, match="does not broadcast"):
        p_relu.p_relu(f(np.ones(x)), f(np.ones(slope)))


@pytest.mark.requirement("QREF-FE-014", "QREF-FE-015")
@given(x=st.integers(-100, 100), low=st.integers(-100, 100), high=st.integers(-100, 100))
def test_clip(x: int, low: int, high: int) -> None:
    for dtype in ("int8", "float16"):
        inputs = [f(v, dtype) if dtype == "float16" else tensor(v, dtype) for v in (x, low, high)]
        y = clip.clip(*inputs)
        assert float(decode(y)) == min(high, max(x, low))
        if low > high:
            with pytest.raises(NotFixed, match="min is greater than max"):
                clip.clip(*inputs, opset=12)


@pytest.mark.requirement("QREF-FE-014")
def test_clip_of_integers_that_no_float64_holds() -> None:
    y = clip.clip(tensor([2**53 + 1, 2**62 + 1], "int64"), None, tensor(2**53 + 1, "int64"))
    assert y.data.tolist() == [2**53 + 1, 2**53 + 1]
    assert clip.clip(f([-2.0, 0.5, 9.0]), min=-1.0, max=6.0, opset=6).data.tolist() == [-1.0, 0.5, 6.0]


@pytest.mark.requirement("QREF-FE-016")
def test_absent_limits_and_nan() -> None:
    largest = float(np.finfo(np.float32).max)
    x = f([-INF, 1.0, INF])
    assert clip.clip(x, opset=12).data.tolist() == [-largest, 1.0, largest]
    assert clip.clip(x, opset=13).data.tolist() == [-INF, 1.0, INF]
    for opset, other in ((12, [-INF, 1.0, INF]), (13, [-largest, 1.0, largest])):
        [(_, (y,))] = clip.alternatives(x, opset=opset)
        assert y.data.tolist() == other, "the reading of the other opset is acceptable"
    assert np.isnan(clip.clip(f(NAN), f(-1.0), f(1.0)).data)


@pytest.mark.requirement("QREF-FE-017")
def test_what_the_texts_rule_out() -> None:
    with pytest.raises(InvalidInput, match="give a scalar"):
        clip.clip(f([1.0]), f([0.0]))
    with pytest.raises(InvalidInput, match="must be the same"):
        clip.clip(f([1.0]), f(0.0, "float16"))
    with pytest.raises(InvalidInput, match="this operator and opset take"):
        relu.relu(tensor(1, "uint8"))
    with pytest.raises(Unsupported):
        relu.relu(tensor(1.0, "float64"))


@pytest.mark.requirement("QREF-FE-018")
@pytest.mark.parametrize("dtype", DTYPES)
@given(data=st.data())
def test_hard_sigmoid(dtype: str, nearest: Any, data: st.DataObject) -> None:
    x, alpha, beta = data.draw(number(dtype)), data.draw(factor), data.draw(factor)
    y = hard_sigmoid.hard_sigmoid(f(x, dtype), alpha=alpha, beta=beta)
    exact = held(Fraction(alpha) * Fraction(x) + Fraction(beta))
    assert float(decode(y)) == nearest(exact, dtype)


@pytest.mark.requirement("QREF-FE-019")
@pytest.mark.parametrize("dtype", DTYPES)
@given(data=st.data())
def test_hard_swish(dtype: str, nearest: Any, data: st.DataObject) -> None:
    x = data.draw(number(dtype))
    exact = Fraction(x) * held(Fraction(float(np.float32(1 / 6))) * Fraction(x) + Fraction(1, 2))
    assert float(decode(hard_swish.hard_swish(f(x, dtype)))) == nearest(exact, dtype)


@pytest.mark.requirement("QREF-FE-018", "QREF-FE-019")
def test_the_ends_of_the_slope() -> None:
    assert hard_sigmoid.hard_sigmoid(f([-2.5, 2.5, INF, -INF])).data.tolist() == [0, 1, 1, 0]
    top = float(np.finfo(np.float32).max)
    assert hard_swish.hard_swish(f([-3.0, 3.0, 100.0, top, INF])).data.tolist() == [0, 3, 100, top, INF]
    [bound] = hard_swish.bound(f([-4.0, 1.0, 4.0]), opset=22)
    assert (bound.tolerance == 0).tolist() == [True, False, True]


@pytest.mark.requirement("QREF-FE-018", "QREF-FE-019")
@given(values=st.lists(st.floats(-5, 5, width=32), min_size=1, max_size=20))
def test_every_order_of_evaluation_lies_within_the_bound(values: list[float]) -> None:
    """float32 step by step; by another form, in float16 step by step, and with alpha in float16."""
    x = np.array(values, np.float32)
    single = np.clip(np.float32(0.2) * x + np.float32(0.5), np.float32(0), np.float32(1))
    [bound] = hard_sigmoid.bound(f(x), opset=22)
    assert (np.abs(single.astype(float) - hard_sigmoid.hard_sigmoid(f(x)).data) <= bound.tolerance).all()
    [bound] = hard_swish.bound(f(x), opset=22)
    golden = hard_swish.hard_swish(f(x)).data.astype(float)
    stepwise = x * np.clip(np.float32(1 / 6) * x + np.float32(0.5), np.float32(0), np.float32(1))
    assert (np.abs(stepwise - golden) <= bound.tolerance).all()
    sixfold = x * np.clip(x + np.float32(3), np.float32(0), np.float32(6)) / np.float32(6)
    assert (np.abs(sixfold - golden) <= dict(bound.wider)[hard_swish.SIXFOLD]).all()
    half = x.astype(np.float16)
    narrow = np.clip(np.float16(0.2) * half + np.float16(0.5), np.float16(0), np.float16(1))
    [bound] = hard_sigmoid.bound(f(half, "float16"), opset=22)
    wide = dict(bound.wider)["accumulated in the output's type"] + dict(bound.wider)[hard_sigmoid.CONVERTED]
    assert (np.abs(narrow.astype(float) - hard_sigmoid.hard_sigmoid(f(half, "float16")).data) <= wide).all()


@pytest.mark.parametrize("shape", [(), (0,), (2, 0, 3), (1, 2, 1)])
def test_shapes(shape: tuple[int, ...]) -> None:
    x = f(np.ones(shape))
    for function in (relu.relu, leaky_relu.leaky_relu, clip.clip, hard_sigmoid.hard_sigmoid, hard_swish.hard_swish):
        assert function(x).shape == shape
    for bound in (leaky_relu.bound, hard_sigmoid.bound, hard_swish.bound):
        assert bound(x, opset=22)[0].tolerance.shape == shape


def test_a_line_without_slope_meets_infinity_in_silence() -> None:
    """0 · ∞ is NaN, and its bound is none; NumPy has no warning to give of it."""
    x = tensor([np.inf, 1.0], "float32")
    with np.errstate(all="raise"):
        [bound] = hard_sigmoid.bound(x, alpha=0.0, opset=22)
        y = hard_sigmoid.hard_sigmoid(x, alpha=0.0, opset=22)
    assert bound.tolerance[0] == 0
    assert np.isnan(y.data[0])
