"""DequantizeLinear against its steps on exact rationals: an exact difference, both factors converted, one rounding."""

import math
import random
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import ml_dtypes
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from qref.errors import InvalidInput, NotFixed
from qref.numerics.tensor import Tensor, tensor
from qref.ops import alternatives, run
from qref.ops.request import Request

Nearest = Callable[[Fraction | float, str], float]
RANGES = {
    "int2": (-2, 1), "uint2": (0, 3), "int4": (-8, 7), "uint4": (0, 15), "int8": (-128, 127), "uint8": (0, 255),
    "int16": (-32768, 32767), "uint16": (0, 65535), "int32": (-(2**31), 2**31 - 1),
}  # fmt: skip
FLOATS = {"float32": 1, "float16": 10, "bfloat16": 16}
CODED: dict[str, Any] = {
    "bfloat16": ml_dtypes.bfloat16, "float8e4m3fn": ml_dtypes.float8_e4m3fn,
    "float8e4m3fnuz": ml_dtypes.float8_e4m3fnuz, "float8e5m2": ml_dtypes.float8_e5m2,
    "float8e5m2fnuz": ml_dtypes.float8_e5m2fnuz, "float4e2m1": ml_dtypes.float4_e2m1fn,
    "float8e8m0": ml_dtypes.float8_e8m0fnu,
}  # fmt: skip


def dequantize(*inputs: Tensor | None, opset: int = 25, **attributes: Any) -> Tensor:
    return run(Request("DequantizeLinear", "", opset, attributes, inputs))[0]


def scales(values: Any, dtype: str) -> Tensor:
    if dtype == "bfloat16":
        return Tensor(dtype, np.asarray(values).astype(ml_dtypes.bfloat16).view(np.uint16))
    return tensor(values, dtype)


def value(x: Tensor, i: tuple[int, ...]) -> float:
    return float((x.data.view(CODED[x.dtype]) if x.dtype in CODED else x.data)[i])


def expected(difference: Fraction | float, scale: float, T: str, nearest: Nearest) -> float:
    d, s = nearest(difference, T), nearest(scale, T)
    return d * s if math.isinf(d) or math.isinf(s) else nearest(Fraction(d) * Fraction(s), T)


SCALES = [0.3, 0.1, 0.5, 1.0, 0.0117, 3.0, 1e-3, 7e-6, 255.0, 1e4, 1e-38, 3e38]


@pytest.mark.requirement("QREF-QD-013", "QREF-QD-014", "QREF-QD-015")
@given(seed=st.integers(0, 2**32), opset=st.sampled_from([10, 13, 19, 21, 23, 24, 25]))
def test_per_tensor(nearest: Nearest, seed: int, opset: int) -> None:
    rng = random.Random(seed)
    x_types = ["int8", "uint8", "int32"]
    if opset >= 21:
        x_types += ["int16", "uint16", "int4", "uint4"]
    if opset >= 25:
        x_types += ["int2", "uint2"]
    x_type = rng.choice(x_types)
    scale_type = rng.choice(list(FLOATS)) if opset >= 19 else "float32"
    output = rng.choice([None, *FLOATS]) if opset >= 23 else None
    lowest, highest = RANGES[x_type]
    x = tensor(
        [rng.choice([lowest, highest, rng.randint(lowest, highest), 2**24 + 1 & highest]) for _ in range(30)], x_type
    )
    zero = 0 if x_type == "int32" else rng.choice([lowest, highest, rng.randint(lowest, highest)])
    with np.errstate(over="ignore"):
        scale = scales(rng.choice(SCALES), scale_type)
    attributes = {} if output is None else {"output_dtype": FLOATS[output]}
    y = dequantize(x, scale, tensor(zero, x_type), opset=opset, **attributes)
    T = output or scale_type
    assert y.dtype == T
    for i in range(30):
        wanted = expected(Fraction(int(x.data[i]) - zero), value(scale, ()), T, nearest)
        assert np.array_equal(value(y, (i,)), wanted, equal_nan=True)


@pytest.mark.requirement("QREF-QD-016")
@given(seed=st.integers(0, 2**32), blocked=st.booleans())
def test_per_axis_and_blocked(nearest: Nearest, seed: int, blocked: bool) -> None:
    rng = random.Random(seed)
    shape = [rng.randint(1, 4) for _ in range(rng.randint(1, 4))]
    axis = rng.randrange(len(shape))
    block = rng.randint(1, shape[axis] + 1)
    scale_shape = [shape[axis]]
    if blocked:
        scale_shape = [-(-n // block) if i == axis else n for i, n in enumerate(shape)]
    count = math.prod(scale_shape)
    scale = tensor(np.array([rng.choice(SCALES) for _ in range(count)]).reshape(scale_shape), "float32")
    zero = tensor(np.array([rng.randint(0, 15) for _ in range(count)]).reshape(scale_shape), "uint4")
    x = tensor(np.array([rng.randint(0, 15) for _ in range(math.prod(shape))]).reshape(shape), "uint4")
    attributes = {"axis": rng.choice([axis, axis - len(shape)])} | ({"block_size": block} if blocked else {})
    y = dequantize(x, scale, zero, opset=21, **attributes)
    for i in np.ndindex(*shape):
        at = tuple(n // block if d == axis else n for d, n in enumerate(i)) if blocked else (i[axis],)
        difference = Fraction(int(x.data[i]) - int(zero.data[at]))
        assert value(y, i) == expected(difference, value(scale, at), "float32", nearest)


@pytest.mark.requirement("QREF-QD-013")
@pytest.mark.parametrize("T", FLOATS)
@pytest.mark.parametrize("x_type", [t for t in CODED if t not in ("bfloat16", "float8e8m0")])
def test_every_code_of_the_small_floats(nearest: Nearest, x_type: str, T: str) -> None:
    codes = np.arange(16 if x_type == "float4e2m1" else 256, dtype=np.uint8)
    x = Tensor(x_type, codes)
    scale = scales(0.3, T)
    zero = Tensor(x_type, np.array(0, np.uint8))
    y = dequantize(x, scale, zero, opset=23)
    assert y.same(dequantize(x, scale, opset=23))
    for i in range(len(codes)):
        v = value(x, (i,))
        if math.isnan(v):
            assert math.isnan(value(y, (i,)))
        else:
            assert value(y, (i,)) == expected(v, value(scale, ()), T, nearest)


@pytest.mark.requirement("QREF-QD-017")
def test_every_power_of_two_scale() -> None:
    x = tensor([1, 3, -5], "int8")
    for code in range(255):
        y = dequantize(x, Tensor("float8e8m0", np.array(code, np.uint8)), opset=24, output_dtype=1)
        with np.errstate(over="ignore"):
            # the code 0 is 2⁻¹²⁷, subnormal in float32 and exact there
            assert y.data.tolist() == [float(np.float32(math.ldexp(v, code - 127))) for v in (1, 3, -5)]
    not_a_number = dequantize(x, Tensor("float8e8m0", np.array(255, np.uint8)), opset=24, output_dtype=1)
    assert np.isnan(not_a_number.data).all()
    half = dequantize(x, Tensor("float8e8m0", np.array(127 + 20, np.uint8)), opset=24, output_dtype=10)
    assert half.data.tolist() == [math.inf, math.inf, -math.inf]


@pytest.mark.requirement("QREF-QD-014", "QREF-QD-015")
def test_by_hand() -> None:
    y = dequantize(tensor([0, 3, 128, 255], "uint8"), tensor(2.0, "float32"), tensor(128, "uint8"), opset=10)
    assert (y.dtype, y.data.tolist()) == ("float32", [-256.0, -250.0, 0.0, 254.0])
    # x − zero point leaves eight bits
    y = dequantize(tensor([-128, 127], "int8"), tensor(1.0, "float32"), tensor(127, "int8"))
    assert y.data.tolist() == [-255.0, 0.0]


@pytest.mark.requirement("QREF-QD-013")
def test_the_difference_is_rounded_before_the_product() -> None:
    x, scale = tensor([16777217], "int32"), tensor(0.1, "float32")
    once = np.float32(float(Fraction(16777217) * Fraction(float(np.float32(0.1)))))
    twice = np.float32(16777216) * np.float32(0.1)
    y = dequantize(x, scale, opset=23)
    assert y.data.item() == twice != once
    [(reason, [other])] = alternatives(Request("DequantizeLinear", "", 23, {}, (x, scale)))
    assert other.data.item() == once and "rounded once" in reason


@pytest.mark.requirement("QREF-QD-013", "QREF-QD-017")
def test_the_output_type_is_the_multiplications() -> None:
    x, scale = tensor([2049], "int16"), tensor(0.5, "float32")
    assert dequantize(x, scale, opset=23).data.item() == 1024.5
    half = dequantize(x, scale, opset=23, output_dtype=10)
    assert (half.dtype, half.data.item()) == ("float16", 1024.0)  # 2049 is no float16: 2048
    wide = dequantize(x, tensor(0.5, "float16"), opset=23, output_dtype=1)
    assert (wide.dtype, wide.data.item()) == ("float32", 1024.5)


def test_shapes_at_the_edge() -> None:
    one = tensor(1.0, "float32")
    assert dequantize(tensor(2, "int8"), one, tensor(1, "int8")).data.item() == 1.0
    assert dequantize(tensor(np.zeros((0, 3)), "int8"), one).shape == (0, 3)
    y = dequantize(tensor([5, 6], "int8"), tensor([1.0, 2.0], "float32"), axis=-1)
    assert y.data.tolist() == [5.0, 12.0]
    assert dequantize(tensor([7], "int32"), one, tensor(0, "int32")).data.item() == 7.0


X, ONE = tensor(np.ones((2, 4)), "int8"), tensor(1.0, "float32")


@pytest.mark.requirement("QREF-QD-018")
@pytest.mark.parametrize(
    ("inputs", "attributes", "opset", "words"),
    [
        ([tensor([1.0], "float32"), ONE], {}, 25, "x is float32"),
        ([tensor([1], "int64"), ONE], {}, 25, "x is int64"),
        ([tensor([1], "int16"), ONE], {}, 19, "x is int16"),
        ([tensor([1], "int2"), ONE], {}, 24, "x is int2"),
        ([X, tensor(1.0, "float64")], {}, 25, "x_scale is float64"),
        ([X, tensor(1.0, "float16")], {}, 13, "x_scale is float16"),
        ([X, tensor(1, "float8e8m0")], {}, 23, "x_scale is float8e8m0"),
        ([X, tensor(1, "int32")], {}, 25, "x_scale is int32"),
        ([X, ONE, tensor(0, "uint8")], {}, 25, "x_zero_point is uint8 and x is int8"),
        ([X, ONE, tensor([0], "int8")], {}, 25, r"x_scale has shape \[\] and x_zero_point \[1\]"),
        ([X, tensor([1.0] * 4, "float32")], {}, 10, r"x_scale has shape \[4\]: give a scalar"),
        ([X, tensor([1.0] * 3, "float32")], {}, 13, r"scale has shape \[3\]"),
        ([X, tensor([1.0] * 4, "float32")], {"axis": -3}, 13, "axis is -3"),
        ([X, tensor(np.ones((2, 3)), "float32")], {"block_size": 2}, 21, r"take \[2, 2\]"),
        ([X, tensor(np.ones((1, 2)), "float32")], {"block_size": 2}, 21, r"take \[2, 2\]"),
        ([X, ONE], {"block_size": 2}, 21, "block_size is 2 beside a scalar"),
        ([X, ONE], {"block_size": -1}, 21, "block_size is -1"),
        ([X, ONE], {"output_dtype": 3}, 23, "output_dtype is int8"),
        ([X, ONE], {"output_dtype": 11}, 23, "output_dtype is 11"),
        ([X, ONE], {"output_dtype": 1}, 21, "DequantizeLinear-21 has no attribute 'output_dtype'"),
        ([X, ONE], {"block_size": 1}, 19, "DequantizeLinear-19 has no attribute 'block_size'"),
        ([X, ONE], {"axis": 1}, 10, "DequantizeLinear-10 has no attribute 'axis'"),
        ([X], {}, 25, "takes 2 to 3 inputs"),
    ],
)
def test_it_refuses(inputs: list[Tensor], attributes: dict[str, Any], opset: int, words: str) -> None:
    with pytest.raises(InvalidInput, match=words):
        dequantize(*inputs, opset=opset, **attributes)


def test_what_no_text_fixes() -> None:
    with pytest.raises(NotFixed, match="x_scale is float8e8m0 and output_dtype is not given"):
        dequantize(X, tensor(1, "float8e8m0"), opset=24)
    with pytest.raises(NotFixed, match="a float8e5m2 zero point other than zero"):
        dequantize(tensor([1], "float8e5m2"), ONE, tensor(1, "float8e5m2"))
    with pytest.raises(NotFixed, match="x_zero_point of int32 x is not zero"):
        dequantize(tensor([1], "int32"), ONE, tensor(1, "int32"))
    with pytest.raises(NotFixed, match="axis 1 on rank 1"):
        dequantize(tensor([1, 2], "int8"), tensor([1.0, 2.0], "float32"))
