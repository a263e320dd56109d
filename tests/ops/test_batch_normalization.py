"""BatchNormalization against decimal arithmetic of a hundred digits."""

import random
from collections.abc import Callable, Sequence
from decimal import Decimal, localcontext
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from qref.errors import InvalidInput, NotFixed, Unsupported
from qref.numerics.floats import decode, encode
from qref.numerics.tensor import Tensor, tensor
from qref.ops import bounds, run
from qref.ops.request import Request

Nearest = Callable[[Fraction | float, str], float]
DTYPES = ("float32", "float16", "bfloat16")
DEFAULT = float(np.float32(1e-5))


def ask(*inputs: Tensor, opset: int = 15, **attributes: Any) -> Request:
    return Request("BatchNormalization", "", opset, attributes, inputs)


def answer(*inputs: Tensor, opset: int = 15, **attributes: Any) -> Tensor:
    return run(ask(*inputs, opset=opset, **attributes))[0]


def floats(values: Any, dtype: str = "float32") -> Tensor:
    return encode(np.asarray(values, np.float64), dtype)


def fill(rng: random.Random, dtype: str, shape: Sequence[int], signs: tuple[int, ...] = (1, -1)) -> Tensor:
    count = int(np.prod(shape))
    values = [rng.choice(signs) * (1 + rng.random()) * 2.0 ** rng.randint(-6, 3) for _ in range(count)]
    return floats(np.array(values).reshape(shape), dtype)


def formula(x: float, scale: float, b: float, mean: float, var: float, epsilon: float) -> Fraction:
    with localcontext() as context:
        context.prec = 100
        x_, s_, b_, m_, v_, e_ = (Decimal(v) for v in (x, scale, b, mean, var, epsilon))
        return Fraction((x_ - m_) / (v_ + e_).sqrt() * s_ + b_)


@pytest.mark.requirement("QREF-FP-031", "QREF-FP-033")
@given(
    shape=st.lists(st.integers(1, 3), min_size=2, max_size=4),
    dtype=st.sampled_from(DTYPES),
    epsilon=st.sampled_from([DEFAULT, 0.5, 0.0]),
    seed=st.integers(0, 2**32),
)
def test_the_formula_rounded_once(nearest: Nearest, shape: list[int], dtype: str, epsilon: float, seed: int) -> None:
    rng, C = random.Random(seed), shape[1]
    x = fill(rng, dtype, shape)
    scale, b, mean, var = *(fill(rng, dtype, (C,)) for _ in range(3)), fill(rng, dtype, (C,), (1,))
    y = answer(x, scale, b, mean, var, epsilon=epsilon)
    assert y.dtype == dtype
    s, B, m, v = (decode(t) for t in (scale, b, mean, var))
    for at in np.ndindex(*shape):
        c = at[1]
        exact = formula(decode(x)[at], s[c], B[c], m[c], v[c], float(np.float32(epsilon)))
        assert decode(y)[at] == nearest(exact, dtype)


@pytest.mark.requirement("QREF-FP-031")
def test_roots_that_are_numbers() -> None:
    x, one, zero = floats([[[3.0, -1.0, 1.0]]]), floats([1.0]), floats([0.0])
    assert answer(x, one, zero, zero, floats([4.0]), epsilon=0.0).data.tolist() == [[[1.5, -0.5, 0.5]]]
    # (3 − 1) / √0.25 − 4 is exactly zero, and 2^-23 / √0.25 − 4 one place above −4
    y = answer(floats([[[3.0, 1.0 + 2.0**-23]]]), one, floats([-4.0]), one, floats([0.25]), epsilon=0.0)
    assert y.data.tolist() == [[[0.0, -4.0 + 2.0**-22]]]


@pytest.mark.requirement("QREF-FP-031")
def test_infinity_and_nan() -> None:
    x = floats([[[np.inf, -np.inf, np.nan, 1.0]]])
    y = answer(x, floats([-2.0]), floats([1.0]), floats([0.0]), floats([1.0]), epsilon=0.0)
    assert np.array_equal(y.data, [[[-np.inf, np.inf, np.nan, -1.0]]], equal_nan=True)


@pytest.mark.requirement("QREF-FP-033")
def test_where_the_channels_are() -> None:
    two = floats([1.0, 10.0]), floats([0.0, 0.0]), floats([0.0, 0.0]), floats([1.0, 1.0])
    square = answer(floats([[1.0, 2.0], [3.0, 4.0]]), *two, epsilon=0.0)
    assert square.data.tolist() == [[1, 20], [3, 40]]
    one = floats([2.0]), floats([1.0]), floats([0.0]), floats([1.0])
    assert answer(floats([1.0, 2.0, 3.0]), *one, opset=9, epsilon=0.0).data.tolist() == [3, 5, 7]
    by_element = [floats(v) for v in ([[1.0, 2.0]], [[0.0, 1.0]], [[0.0, 0.0]], [[1.0, 4.0]])]
    x = floats([[[3.0, 3.0]]])
    assert answer(x, *by_element, opset=7, spatial=0, epsilon=0.0).data.tolist() == [[[3, 4]]]


@pytest.mark.requirement("QREF-FP-032")
def test_each_type_of_its_own() -> None:
    x, scale, mean = floats([[[1.0, 2.0]]], "float16"), floats([1.0], "float32"), floats([0.5], "bfloat16")
    y = answer(x, scale, scale, mean, mean, epsilon=0.0)
    assert y.dtype == "float16"
    half = floats([1.0], "float16")
    assert answer(x, half, half, mean, mean, opset=14).dtype == "float16"
    with pytest.raises(InvalidInput, match="scale is float32 and X is float16"):
        answer(x, scale, scale, mean, mean, opset=14)
    with pytest.raises(InvalidInput, match="mean is bfloat16 and X is float16"):
        answer(x, half, half, mean, mean, opset=9)


@pytest.mark.requirement("QREF-FP-035")
def test_what_the_text_rules_out() -> None:
    x, one, two = floats(np.ones((1, 2, 3))), floats([1.0]), floats([1.0, 1.0])
    for wrong in range(4):
        inputs = [two] * 4
        inputs[wrong] = one
        with pytest.raises(InvalidInput, match="has shape"):
            answer(x, *inputs)
    with pytest.raises(InvalidInput, match="must be the same"):
        answer(x, two, two, two, floats([1.0, 1.0], "float16"))
    with pytest.raises(InvalidInput, match="must be the same"):
        answer(x, two, floats([1.0, 1.0], "float16"), two, two)
    with pytest.raises(InvalidInput, match="rank"):
        answer(floats([1.0]), one, one, one, one, opset=7)
    with pytest.raises(InvalidInput, match="rank 3"):
        answer(x, two, two, two, two, opset=1, is_test=1)
    with pytest.raises(InvalidInput, match="no attribute 'spatial'"):
        answer(x, two, two, two, two, opset=9, spatial=1)


@pytest.mark.requirement("QREF-FP-031")
def test_training_and_variances_that_are_none() -> None:
    x, one, zero = floats(np.ones((1, 1, 1, 1))), floats([1.0]), floats([0.0])
    with pytest.raises(Unsupported, match="training"):
        answer(x, one, one, one, one, training_mode=1)
    with pytest.raises(Unsupported, match="training"):
        answer(x, one, one, one, one, opset=6)
    with pytest.raises(Unsupported, match="float64"):
        answer(tensor(np.ones((1, 1)), "float64"), one, one, one, one)
    assert answer(x, one, one, one, one, opset=1, is_test=1, consumed_inputs=[0, 0, 0, 1, 1]).data.tolist() == [
        [[[1.0]]]
    ]
    for var, epsilon in ((zero, 0.0), (floats([-1.0]), 0.5)):
        with pytest.raises(NotFixed, match="not positive"):
            answer(x, one, one, one, var, epsilon=epsilon)
    with pytest.raises(NotFixed, match="spatial"):
        answer(x, one, one, one, one, opset=6, is_test=1, spatial=0)


@pytest.mark.requirement("QREF-FP-034")
@given(dtype=st.sampled_from(DTYPES), seed=st.integers(0, 2**32))
def test_every_order_in_float32_is_within_the_tolerance(dtype: str, seed: int) -> None:
    rng = random.Random(seed)
    x, scale, b, mean = (fill(rng, dtype, (1, 1, 8)), *(fill(rng, dtype, (1,)) for _ in range(3)))
    if rng.random() < 0.5:  # x close to the mean
        x = floats(decode(mean) * (1 + np.arange(8) * 2.0**-20), dtype)
        x = Tensor(dtype, x.data.reshape(1, 1, 8))
    var = fill(rng, dtype, (1,), (1,))
    request = ask(x, scale, b, mean, var)
    [bound], golden = bounds(request), decode(run(request)[0])
    X, s, B, m, v = (decode(t).astype(np.float32) for t in (x, scale, b, mean, var))
    root = np.sqrt(v + np.float32(1e-5))
    inverse = np.float32(1) / root
    folded = s * inverse
    for y in ((X - m) / root * s + B, (X - m) * inverse * s + B, (X - m) * folded + B, X * folded + (B - m * folded)):
        assert y.dtype == np.float32
        assert (np.abs(decode(floats(y, dtype)) - golden) <= bound.tolerance).all()
