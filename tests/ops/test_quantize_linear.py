"""QuantizeLinear against its steps on exact rationals: convert, divide with one rounding, round, add, saturate."""

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
    "int16": (-32768, 32767), "uint16": (0, 65535),
}  # fmt: skip
NUMBERS = {"uint8": 2, "int8": 3, "uint16": 4, "int16": 5, "uint4": 21, "int4": 22, "uint2": 25, "int2": 26}
NUMBERS |= {"float32": 1, "int32": 6, "float16": 10, "bfloat16": 16, "float4e2m1": 23, "float8e8m0": 24}
NUMBERS |= {"float8e4m3fn": 17, "float8e4m3fnuz": 18, "float8e5m2": 19, "float8e5m2fnuz": 20}
NATIVE: dict[str, Any] = {
    "float32": np.float32, "float16": np.float16, "bfloat16": ml_dtypes.bfloat16, "int32": np.int32,
    "float8e4m3fn": ml_dtypes.float8_e4m3fn, "float8e4m3fnuz": ml_dtypes.float8_e4m3fnuz,
    "float8e5m2": ml_dtypes.float8_e5m2, "float8e5m2fnuz": ml_dtypes.float8_e5m2fnuz,
    "float4e2m1": ml_dtypes.float4_e2m1fn, "float8e8m0": ml_dtypes.float8_e8m0fnu,
}  # fmt: skip


def quantize(*inputs: Tensor | None, opset: int = 25, **attributes: Any) -> Tensor:
    return run(Request("QuantizeLinear", "", opset, attributes, inputs))[0]


def stored(values: Any, dtype: str) -> Tensor:
    """Values as a tensor; formats that NumPy lacks by way of ml_dtypes."""
    if dtype in RANGES:
        return tensor(values, dtype)
    native = np.asarray(values).astype(NATIVE[dtype])
    return Tensor(dtype, native if native.dtype.kind in "fi" and dtype in ("float32", "float16", "int32") else
                  native.view(np.uint16 if dtype == "bfloat16" else np.uint8))  # fmt: skip


def value(x: Tensor, i: tuple[int, ...]) -> float:
    """One element as a float64, which holds every number that these tests use."""
    data = x.data if x.dtype in RANGES or x.dtype in ("float32", "float16", "int32") else x.data.view(NATIVE[x.dtype])
    return float(data[i])


def divided(x: float, scale: float, T: str, nearest: Nearest) -> float:
    """x / scale in type T: both converted, one rounding."""
    x, scale = nearest(x, T), nearest(scale, T)
    return x / scale if math.isinf(x) else nearest(Fraction(x) / Fraction(scale), T)


def integer(q: float, zero: int, dtype: str) -> int:
    lowest, highest = RANGES[dtype]
    if math.isinf(q):
        return highest if q > 0 else lowest
    return min(max(round(Fraction(q)) + zero, lowest), highest)


FLOATS = ["float32", "float16", "bfloat16"]


def near_ties(rng: random.Random, scale: float, count: int, dtype: str) -> Tensor:
    """Numbers around (k + 1/2) · scale, beyond the range and anywhere."""
    values = []
    for _ in range(count):
        half = rng.choice([rng.randint(-300, 300), rng.randint(-70000, 70000), rng.randint(-4, 4)]) + 0.5
        values.append(half * scale * rng.choice([1, 1, 1 + 2.0**-23, 1 - 2.0**-23, 1 + 2.0**-9, rng.random() * 2]))
    if dtype == "int32":
        return stored([max(-(2**31), min(2**31 - 1, round(v))) for v in values], dtype)
    with np.errstate(over="ignore"):
        return stored(values, dtype)


SCALES = [0.3, 0.1, 0.5, 0.25, 1.0, 0.0117, 3.0, 1e-3, 7e-6, 255.0, 1e4]


@pytest.mark.requirement("QREF-QD-001", "QREF-QD-002", "QREF-QD-003", "QREF-QD-004", "QREF-QD-005", "QREF-QD-011")
@given(seed=st.integers(0, 2**32), opset=st.sampled_from([10, 13, 19, 21, 23, 24, 25]))
def test_per_tensor(nearest: Nearest, seed: int, opset: int) -> None:
    rng = random.Random(seed)
    y_types = [t for t in RANGES if (t[-1] == "8" or opset >= 21) and (t[-1] != "2" or opset >= 25)]
    x_type = rng.choice(["float32", "int32"] if opset < 19 else FLOATS if opset < 23 else [*FLOATS, "int32"])
    scale_type = "float32" if opset < 19 else x_type if opset < 23 else rng.choice(FLOATS)
    y_type, precision = rng.choice(y_types), rng.choice([None, *FLOATS]) if opset >= 23 else None
    scale = stored(rng.choice(SCALES), scale_type)
    x = near_ties(rng, value(scale, ()), 40, x_type)
    zero = rng.choice([*RANGES[y_type], rng.randint(*RANGES[y_type])])
    attributes = {} if precision is None else {"precision": NUMBERS[precision]}
    y = quantize(x, scale, tensor(zero, y_type), opset=opset, **attributes)
    assert y.dtype == y_type
    T = precision or scale_type
    for i in range(40):
        q = divided(value(x, (i,)), value(scale, ()), T, nearest)
        assert y.data[i] == integer(q, zero, y_type), (value(x, (i,)), value(scale, ()), zero)


@pytest.mark.requirement("QREF-QD-006", "QREF-QD-007")
@given(seed=st.integers(0, 2**32), blocked=st.booleans())
def test_per_axis_and_blocked(nearest: Nearest, seed: int, blocked: bool) -> None:
    rng = random.Random(seed)
    shape = [rng.randint(1, 4) for _ in range(rng.randint(1, 4))]
    axis = rng.randrange(len(shape))
    block = rng.randint(1, shape[axis] + 1) if blocked else 0
    scale_shape = [shape[axis]]
    if blocked:
        scale_shape = [-(-n // block) if i == axis else n for i, n in enumerate(shape)]
    count = math.prod(scale_shape)
    scale = tensor(np.array([rng.choice(SCALES) for _ in range(count)]).reshape(scale_shape), "float32")
    zero = tensor(np.array([rng.randint(-8, 7) for _ in range(count)]).reshape(scale_shape), "int4")
    x = tensor(np.array([rng.uniform(-9, 9) for _ in range(math.prod(shape))]).reshape(shape), "float32")
    attributes = {"axis": rng.choice([axis, axis - len(shape)])} | ({"block_size": block} if blocked else {})
    y = quantize(x, scale, zero, opset=21, **attributes)
    assert y.shape == tuple(shape)
    for i in np.ndindex(*shape):
        at = tuple(n // block if d == axis else n for d, n in enumerate(i)) if blocked else (i[axis],)
        q = divided(value(x, i), value(scale, at), "float32", nearest)
        assert y.data[i] == integer(q, int(zero.data[at]), "int4")


FLOAT8 = ["float8e4m3fn", "float8e4m3fnuz", "float8e5m2", "float8e5m2fnuz"]


@pytest.mark.requirement("QREF-QD-009", "QREF-QD-010", "QREF-QD-022")
@pytest.mark.parametrize("saturate", [0, 1])
@pytest.mark.parametrize("y_type", [*FLOAT8, "float4e2m1"])
def test_to_small_floats(nearest: Nearest, y_type: str, saturate: int) -> None:
    largest = {"float8e4m3fn": 448, "float8e4m3fnuz": 240, "float4e2m1": 6}.get(y_type, 57344)
    numbers = (
        [k / 64 for k in range(-400, 400)] + [largest * k / 8 for k in range(-24, 25)] + [2.0**-k for k in range(20)]
    )
    x = tensor(numbers, "float32")
    scale = tensor(0.75, "float32")
    y = quantize(x, scale, stored(0, y_type), opset=23, saturate=saturate)
    by_number = quantize(x, scale, opset=23, saturate=saturate, output_dtype=NUMBERS[y_type])
    assert y.dtype == by_number.dtype == y_type and y.same(by_number)
    for i in range(len(numbers)):
        expected = nearest(divided(value(x, (i,)), 0.75, "float32", nearest), y_type)
        if math.isinf(expected) and (saturate or y_type == "float4e2m1"):
            expected = math.copysign(largest, expected)
        elif math.isinf(expected) and y_type != "float8e5m2":
            expected = math.nan
        found = value(y, (i,))
        assert found == expected or (math.isnan(found) and math.isnan(expected)), numbers[i]


@pytest.mark.requirement("QREF-QD-009", "QREF-QD-010", "QREF-QD-022")
def test_nan_and_infinity_into_small_floats() -> None:
    x, one = tensor([np.nan, np.inf, -np.inf, -0.0], "float32"), tensor(1.0, "float32")
    codes = {
        ("float8e4m3fn", 1): [0x7F, 0x7E, 0xFE, 0x80],
        ("float8e4m3fn", 0): [0x7F, 0x7F, 0xFF, 0x80],
        ("float8e4m3fnuz", 1): [0x80, 0x80, 0x80, 0x00],
        ("float8e4m3fnuz", 0): [0x80, 0x80, 0x80, 0x00],
        ("float8e5m2", 1): [0x7E, 0x7B, 0xFB, 0x80],
        ("float8e5m2", 0): [0x7E, 0x7C, 0xFC, 0x80],
        ("float8e5m2fnuz", 1): [0x80, 0x80, 0x80, 0x00],
        ("float8e5m2fnuz", 0): [0x80, 0x80, 0x80, 0x00],
    }
    for (y_type, saturate), expected in codes.items():
        assert quantize(x, one, stored(0, y_type), opset=19, saturate=saturate).data.tolist() == expected, y_type
    from_24 = {"float8e4m3fnuz": [0x7F, 0xFF], "float8e5m2fnuz": [0x7F, 0xFF], "float8e4m3fn": [0x7E, 0xFE]}
    for y_type, expected in from_24.items():
        assert quantize(x, one, stored(0, y_type), opset=24).data.tolist()[1:3] == expected, y_type
    assert quantize(tensor([np.inf, -np.inf], "float32"), one, stored(0, "float4e2m1")).data.tolist() == [7, 15]
    with pytest.raises(NotFixed, match="NaN has no float4e2m1"):
        quantize(x, one, stored(0, "float4e2m1"))


@pytest.mark.requirement("QREF-QD-003", "QREF-QD-004", "QREF-QD-005")
def test_by_hand() -> None:
    x = tensor([0.0, 2.0, 3.0, 1000.0, -254.0, -1000.0], "float32")
    y = quantize(x, tensor(2.0, "float32"), tensor(128, "uint8"), opset=10)
    assert y.data.tolist() == [128, 129, 130, 255, 1, 0]
    halves = tensor([0.5, 1.5, 2.5, -0.5, -1.5, -2.5], "float32")
    assert quantize(halves, tensor(1.0, "float32"), tensor(0, "int8")).data.tolist() == [0, 2, 2, 0, -2, -2]
    # the zero point is added after rounding: 0.5 + 1 is not rounded to 2
    assert quantize(halves, tensor(1.0, "float32"), tensor(1, "int8")).data.tolist() == [1, 3, 3, 1, -1, -1]


@pytest.mark.requirement("QREF-QD-001", "QREF-QD-002")
def test_the_division_is_rounded_before_the_quotient() -> None:
    # exact quotient just above 2.5, float32 division exactly 2.5
    found = 0
    for k in range(1, 1000):
        s = np.float32(k / 7)
        for v in (np.nextafter(np.float32(2.5) * s, np.float32(9e9)), np.float32(2.5) * s):
            exact = Fraction(float(v)) / Fraction(float(s))
            if exact > Fraction(5, 2) and v / s == np.float32(2.5):
                found += 1
                assert quantize(tensor([v], "float32"), tensor(s, "float32"), tensor(0, "int8")).data.item() == 2
                old = Request("QuantizeLinear", "", 13, {}, (tensor([v], "float32"), tensor(s, "float32")))
                assert {r: o[0].data.item() for r, o in alternatives(old)} == {
                    "the exact quotient": 3, "the division in float32": 2,
                }  # fmt: skip
    assert found > 5


@pytest.mark.requirement("QREF-QD-001")
def test_precision_changes_the_answer() -> None:
    x, scale, zero = tensor([1003.0], "float32"), tensor(1.0, "float32"), tensor(0, "int16")
    assert quantize(x, scale, zero, opset=23).data.item() == 1003
    assert quantize(x, scale, zero, opset=23, precision=NUMBERS["bfloat16"]).data.item() == 1004
    assert quantize(x, tensor(1.0, "float16"), zero, opset=23).data.item() == 1003
    big = tensor([70000.0, -70000.0], "float32")  # infinite in float16
    assert quantize(big, tensor(100.0, "float16"), zero, opset=23).data.tolist() == [32767, -32768]


@pytest.mark.requirement("QREF-QD-005")
def test_infinities_saturate_and_nan_has_no_integer() -> None:
    one, zero = tensor(1.0, "float32"), tensor(3, "uint4")
    assert quantize(tensor([np.inf, -np.inf], "float32"), one, zero).data.tolist() == [15, 0]
    with pytest.raises(NotFixed, match="NaN has no integer"):
        quantize(tensor([np.nan], "float32"), one, zero)


@pytest.mark.requirement("QREF-QD-008")
def test_the_output_type_comes_from_zero_point_then_attribute_then_uint8() -> None:
    x, s = tensor([-7.0, 300.0], "float32"), tensor(1.0, "float32")
    assert quantize(x, s).data.tolist() == [0, 255]
    assert quantize(x, s).dtype == "uint8"
    for name in ("int8", "uint8", "int16", "uint16", "int4", "uint4", "int2", "uint2"):
        lowest, highest = RANGES[name]
        y = quantize(x, s, output_dtype=NUMBERS[name])
        assert (y.dtype, y.data.tolist()) == (name, [max(-7, lowest), min(300, highest)])
        assert quantize(x, s, tensor(0, name), output_dtype=NUMBERS[name]).same(y)
    with pytest.raises(InvalidInput, match="output_dtype is int8 and y_zero_point is uint8"):
        quantize(x, s, tensor(0, "uint8"), output_dtype=NUMBERS["int8"])


@pytest.mark.requirement("QREF-QD-001")
def test_a_power_of_two_scale() -> None:
    x, scale = tensor([1.0, 3.0, -5.0], "float32"), Tensor("float8e8m0", np.array(128, np.uint8))  # 2
    y = quantize(x, scale, tensor(0, "int8"), opset=24, precision=NUMBERS["float32"])
    assert y.data.tolist() == [0, 2, -2]
    with pytest.raises(NotFixed, match="a division in float8e8m0"):
        quantize(x, scale, tensor(0, "int8"), opset=24)
    with pytest.raises(NotFixed, match="a division in int32"):
        quantize(x, tensor(2, "int32"), tensor(0, "int8"), opset=23)


def test_shapes_at_the_edge() -> None:
    one = tensor(1.0, "float32")
    assert quantize(tensor(2.0, "float32"), one, tensor(1, "int8")).data.item() == 3
    assert quantize(tensor(np.zeros((0, 3)), "float32"), one).shape == (0, 3)
    empty = tensor(np.zeros((2, 0)), "float32")
    assert quantize(empty, tensor(np.zeros(0), "float32"), axis=1).shape == (2, 0)
    assert quantize(empty, tensor(np.zeros((2, 0)), "float32"), axis=1, block_size=2).shape == (2, 0)
    assert quantize(tensor([5.0, 6.0], "float32"), tensor([1.0, 2.0], "float32"), axis=0).data.tolist() == [5, 3]


X = tensor(np.ones((2, 4)), "float32")
ONE = tensor(1.0, "float32")


def axis_scale(n: int) -> Tensor:
    return tensor(np.ones(n), "float32")


@pytest.mark.requirement("QREF-QD-012")
@pytest.mark.parametrize(
    ("inputs", "attributes", "opset", "words"),
    [
        ([tensor([1.0], "float64"), ONE], {}, 25, "x is float64"),
        ([tensor([1], "int8"), ONE], {}, 10, "x is int8"),
        ([X, tensor(1.0, "float64")], {}, 25, "y_scale is float64"),
        ([X, tensor(1.0, "float16")], {}, 13, "y_scale is float16"),
        ([X, tensor(1.0, "float16")], {}, 21, "x is float32 and y_scale is float16"),
        ([X, ONE, tensor(0, "int32")], {}, 25, "y_zero_point is int32"),
        ([X, ONE, tensor(0, "int16")], {}, 19, "y_zero_point is int16"),
        ([X, ONE, tensor(0, "int2")], {}, 24, "y_zero_point is int2"),
        ([X, axis_scale(4)], {}, 10, r"y_scale has shape \[4\]: give a scalar"),
        ([X, axis_scale(3)], {}, 13, r"scale has shape \[3\]: axis 1 of \[2, 4\] takes \[4\]"),
        ([X, axis_scale(4)], {"axis": 2}, 13, "axis is 2: rank 2 takes -2 to 1"),
        ([X, axis_scale(4)], {"axis": -3}, 13, "axis is -3"),
        ([X, axis_scale(4), tensor(0, "int8")], {}, 13, r"y_scale has shape \[4\] and y_zero_point \[\]"),
        ([X, ONE, tensor([0], "int8")], {}, 13, r"y_scale has shape \[\] and y_zero_point \[1\]"),
        ([X, axis_scale(4)], {"block_size": 2}, 21, r"blocks of 2 along axis 1 of \[2, 4\] take \[2, 2\]"),
        ([X, tensor(np.ones((2, 4)), "float32")], {"block_size": 2}, 21, "blocks of 2"),
        ([X, tensor(np.ones((2, 4)), "float32")], {}, 21, r"scale has shape \[2, 4\]"),
        ([X, tensor(np.ones((2, 1)), "float32")], {"block_size": -4}, 21, "block_size is -4"),
        ([X, ONE], {"block_size": 4}, 21, "block_size is 4 beside a scalar"),
        ([X, ONE], {"output_dtype": 99}, 25, "output_dtype is 99"),
        ([X, ONE], {"output_dtype": NUMBERS["int32"]}, 25, "output_dtype is int32"),
        ([X, ONE], {"output_dtype": NUMBERS["int2"]}, 24, "output_dtype is int2: opset 24 has"),
        ([X, ONE], {"axis": 1}, 10, "QuantizeLinear-10 has no attribute 'axis'"),
        ([X, ONE], {"saturate": 1}, 13, "QuantizeLinear-13 has no attribute 'saturate'"),
        ([X, ONE], {"block_size": 1}, 19, "QuantizeLinear-19 has no attribute 'block_size'"),
        ([X, ONE], {"precision": 1}, 21, "QuantizeLinear-21 has no attribute 'precision'"),
        ([X, ONE], {"axis": 1.0}, 13, "attribute axis is 1.0: give int"),
        ([X], {}, 25, "takes 2 to 3 inputs"),
    ],
)  # fmt: skip
def test_it_refuses(inputs: list[Tensor], attributes: dict[str, Any], opset: int, words: str) -> None:
    with pytest.raises(InvalidInput, match=words):
        quantize(*inputs, opset=opset, **attributes)


def test_what_no_text_fixes() -> None:
    with pytest.raises(NotFixed, match="axis 1 on rank 1"):
        quantize(tensor([1.0, 2.0], "float32"), axis_scale(2))
    with pytest.raises(NotFixed, match="a float8e5m2 zero point other than zero"):
        quantize(X, ONE, stored(1.0, "float8e5m2"))
