"""The compiled fast paths against the reference: the same bits, or the same kind of refusal."""

import math
import random
from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from qref.errors import InvalidInput, NotFixed, Unsupported
from qref.numerics.formats import FORMATS, Integer
from qref.numerics.tensor import Tensor, tensor
from qref.ops import run as reference
from qref.ops.request import Request

pytest.importorskip("numba")
from qref.kernels import run

PROFILES = [None, "onnx", "tflite-double", "tflite-single", "xnnpack-fp32", "ncnn"]


def outcome(engine: Any, request: Request) -> Any:
    """What an engine makes of a request: tensors, or the class of its refusal."""
    try:
        return [(y.dtype, y.shape, y.data.tobytes()) for y in engine(request)]
    except (NotFixed, Unsupported):
        return "unsupported"
    except InvalidInput:
        return "error"


def agree(
    op: str, inputs: Sequence[Tensor | None], opset: int = 10, profile: str | None = None, **attributes: Any
) -> Any:
    request = Request(op, "qref" if op == "Requantize" else "", opset, attributes, tuple(inputs), 3, profile)
    expected = outcome(reference, request)
    assert outcome(run, request) == expected
    return expected


def integers(rng: random.Random, dtype: str, shape: Sequence[int]) -> Tensor:
    """Elements anywhere in the range, its ends often. The array is read-only, as a decoded tensor's is."""
    format = FORMATS[dtype]
    assert isinstance(format, Integer)
    ends = (format.lowest, format.highest)
    values = [rng.choice((*ends, rng.randint(*ends), rng.randint(*ends))) for _ in range(math.prod(shape))]
    x = tensor(np.array(values, np.int64).reshape(shape), dtype)
    x.data.flags.writeable = False
    return x


def scales(rng: random.Random, shape: Sequence[int], low: int = -10, high: int = 0) -> Tensor:
    """Positive float32 scales: powers of two, thirds, ULPs beside them, anything."""
    values = [
        math.ldexp(
            rng.choice([1.0, 1.0, 1.5, 1 + 2.0**-23, 2 - 2.0**-23, 4 / 3, 1.2, rng.uniform(1, 2)]),
            rng.randint(low, high),
        )
        for _ in range(math.prod(shape))
    ]
    x = tensor(np.array(values, np.float32).reshape(shape), "float32")
    x.data.flags.writeable = False
    return x


@st.composite
def convolutions(draw: st.DrawFn) -> tuple[random.Random, Tensor, Tensor, dict[str, Any]]:
    """An image, a kernel and attributes; most fit together."""
    n = draw(st.integers(1, 3))

    def lengths(low: int, high: int) -> list[int]:
        return draw(st.lists(st.integers(low, high), min_size=n, max_size=n))

    kernel, strides, dilations = lengths(1, 3), lengths(1, 3), lengths(1, 2)
    image, pads = lengths(2, {1: 12, 2: 7, 3: 5}[n]), lengths(0, 3) + lengths(0, 3)
    group, C_g, M_g, N = (draw(st.integers(1, most)) for most in (3, 3, 2, 2))
    emptied = draw(st.integers(0, 19))  # once in a while one length is zero
    C_g, M_g, N = (0 if emptied == i else length for i, length in enumerate((C_g, M_g, N)))
    image[0] = 0 if emptied == 3 else image[0]
    rng = random.Random(draw(st.integers(0, 2**32)))
    attributes: dict[str, Any] = {"strides": strides, "dilations": dilations, "group": group}
    auto_pad = draw(st.sampled_from(["NOTSET", "NOTSET", "SAME_UPPER", "SAME_LOWER", "VALID"]))
    attributes |= {"pads": pads} if auto_pad == "NOTSET" else {"auto_pad": auto_pad}
    x = integers(rng, rng.choice(["int8", "uint8"]), [N, group * C_g, *image])
    w = integers(rng, rng.choice(["int8", "uint8"]), [group * M_g, C_g, *kernel])
    return rng, x, w, attributes


@given(case=convolutions())
def test_conv_integer(case: tuple[random.Random, Tensor, Tensor, dict[str, Any]]) -> None:
    rng, x, w, attributes = case
    zero_x = integers(rng, x.dtype, [])
    zero_w = integers(rng, w.dtype, rng.choice([[], [w.shape[0]]]))
    agree(
        "ConvInteger", rng.choice([(x, w), (x, w, zero_x), (x, w, None, zero_w), (x, w, zero_x, zero_w)]), **attributes
    )


@pytest.mark.parametrize("profile", PROFILES)
@given(case=convolutions())
def test_q_linear_conv(profile: str | None, case: tuple[random.Random, Tensor, Tensor, dict[str, Any]]) -> None:
    rng, x, w, attributes = case
    per_channel = rng.choice([[], [w.shape[0]]])
    y_type = "int8" if profile == "ncnn" else rng.choice(["int8", "uint8"])
    zero_y = tensor(0, "int8") if profile == "ncnn" else integers(rng, y_type, [])
    inputs: list[Tensor | None] = [
        x, scales(rng, []), integers(rng, x.dtype, []),
        w, scales(rng, per_channel), integers(rng, w.dtype, per_channel),
        scales(rng, [], -8, 4), zero_y,
    ]  # fmt: skip
    if rng.random() < 0.5:
        bias = [rng.choice([0, rng.randint(-9999, 9999), 2**31 - 1]) for _ in range(w.shape[0])]
        inputs.append(tensor(np.array(bias, np.int64), "int32"))
    agree("QLinearConv", inputs, profile=profile, **attributes)


@st.composite
def products(draw: st.DrawFn) -> tuple[random.Random, list[int], list[int]]:
    batch = draw(st.lists(st.integers(1, 3), max_size=2))

    def leading() -> list[int]:
        return [draw(st.sampled_from([1, length])) for length in batch[draw(st.integers(0, len(batch))) :]]

    M, K, N = (draw(st.integers(1, most)) for most in (4, 9, 4))
    emptied = draw(st.integers(0, 19))  # once in a while one length is zero
    M, K, N, *batch = (0 if emptied == i else length for i, length in enumerate((M, K, N, *batch)))
    a = [K] if draw(st.integers(0, 4)) == 0 else [*leading(), M, K]
    b = [K] if draw(st.integers(0, 4)) == 0 else [*leading(), K, N]
    return random.Random(draw(st.integers(0, 2**32))), a, b


def row_shapes(a: list[int]) -> list[list[int]]:
    return [[]] if len(a) == 1 else [[], [*a[:-1], 1]] + ([[a[0]]] if len(a) == 2 else [])


def column_shapes(b: list[int]) -> list[list[int]]:
    return [[]] if len(b) == 1 else [[], [*b[:-2], 1, b[-1]]] + ([[b[1]]] if len(b) == 2 else [])


@given(case=products())
def test_mat_mul_integer(case: tuple[random.Random, list[int], list[int]]) -> None:
    rng, a_shape, b_shape = case
    a, b = (integers(rng, rng.choice(["int8", "uint8"]), shape) for shape in (a_shape, b_shape))
    zero_a = integers(rng, a.dtype, rng.choice(row_shapes(a_shape)))
    zero_b = integers(rng, b.dtype, rng.choice(column_shapes(b_shape)))
    agree("MatMulInteger", rng.choice([(a, b), (a, b, zero_a), (a, b, None, zero_b), (a, b, zero_a, zero_b)]))


@pytest.mark.parametrize("profile", PROFILES)
@given(case=products())
def test_q_linear_mat_mul(profile: str | None, case: tuple[random.Random, list[int], list[int]]) -> None:
    rng, a_shape, b_shape = case
    a, b = (integers(rng, rng.choice(["int8", "uint8"]), shape) for shape in (a_shape, b_shape))
    rows, columns = rng.choice(row_shapes(a_shape)), rng.choice(column_shapes(b_shape))
    zero_y = tensor(0, "int8") if profile == "ncnn" else integers(rng, rng.choice(["int8", "uint8"]), [])
    inputs = [a, scales(rng, rows), integers(rng, a.dtype, rows), b, scales(rng, columns)]
    inputs += [integers(rng, b.dtype, columns), scales(rng, [], -4, 6), zero_y]
    agree("QLinearMatMul", inputs, rng.choice([10, 21]), profile)


@given(seed=st.integers(0, 2**32), dtype=st.sampled_from(["float16", "bfloat16"]))
def test_q_linear_mat_mul_with_narrow_scales(seed: int, dtype: str) -> None:
    rng = random.Random(seed)
    a, b = integers(rng, "int8", [3, 4]), integers(rng, "uint8", [4, 2])

    def narrow() -> Tensor:
        if dtype == "float16":
            return tensor(np.float16(rng.uniform(0.001, 1)), dtype)
        return Tensor(dtype, np.array(rng.randint(0x3B00, 0x3F80), np.uint16))

    zero = integers(rng, "int8", [])
    agree("QLinearMatMul", [a, narrow(), zero, b, narrow(), integers(rng, "uint8", []), narrow(), zero], 21)


@pytest.mark.parametrize("profile", PROFILES)
@given(seed=st.integers(0, 2**32), extreme=st.booleans())
def test_requantize(profile: str | None, seed: int, extreme: bool) -> None:
    """Accumulators near ties, near the ends of int32 and anywhere; scales of every magnitude; channels."""
    rng = random.Random(seed)
    shape = [rng.randint(1, 3), rng.randint(1, 4), 5]
    axis = rng.randrange(-3, 3)
    low, high = (-126, 126) if extreme and profile != "xnnpack-fp32" else (-12, 2)
    x, y = scales(rng, [], low, high), scales(rng, [], low if extreme else -4, high)
    w = scales(rng, rng.choice([[], [shape[axis]]]), low, high)
    step = float(y.data) / (float(x.data) * float(np.max(w.data)))
    accs = []
    for _ in range(math.prod(shape)):
        near = (rng.randint(-260, 260) + 0.5) * step
        near = max(-(2.0**31), min(2.0**31 - 1, near))
        anywhere = rng.randint(-(2**31), 2**31 - 1) >> rng.randrange(31)
        accs.append(rng.choice([round(near), math.floor(near), math.ceil(near), anywhere, -(2**31), 2**31 - 1]))
    accs = [max(-(2**31), min(2**31 - 1, acc)) for acc in accs]
    if profile and profile.startswith("tflite") and rng.random() < 0.7:
        accs = [acc % 1000 - 500 for acc in accs]  # within the domain more often
    acc = tensor(np.array(accs).reshape(shape), "int32")
    dtype = rng.choice(["int8", "uint8", *([] if profile == "xnnpack-fp32" else ["int16", "uint16"])])
    zero = tensor(0, "int8") if profile == "ncnn" and rng.random() < 0.9 else integers(rng, dtype, [])
    agree("Requantize", [acc, x, w, y, zero], 1, profile, axis=axis)


def test_accumulators_beyond_int32_are_requantized_exactly() -> None:
    K = 33100
    a, b = tensor(np.full((1, K), 255), "uint8"), tensor(np.full((K, 3), 255), "uint8")
    zero = tensor(0, "uint8")
    for scale in (2.0**-24, 3e-8, 5.94e-8):
        inputs = [a, tensor(scale, "float32"), zero, b, tensor(1.0, "float32"), zero, tensor(1.0, "float32"), zero]
        for profile in PROFILES:
            agree("QLinearMatMul", inputs, profile=profile)
    agree("MatMulInteger", [a, b])


FLOATS = ["float32", "float16", "bfloat16"]


def floats(rng: random.Random, dtype: str, shape: Sequence[int], around: float = 1.0) -> Tensor:
    """Ties, near ties and anything, in multiples of `around`; infinities sometimes."""
    values = []
    for _ in range(math.prod(shape)):
        half = (rng.randint(-300, 300) + 0.5) * around
        values.append(rng.choice([half, half * (1 + 2.0**-23), rng.gauss(0, 100) * around, rng.gauss(0, 1e9) * around]))
        if rng.random() < 0.01:
            values[-1] = rng.choice([math.inf, -math.inf])
    with np.errstate(over="ignore"):
        single = np.array(values).astype(np.float32).reshape(shape)
        if dtype == "bfloat16":
            return Tensor(dtype, (single.view(np.uint32) >> 16).astype(np.uint16))
        x = Tensor(dtype, single.astype(dtype)) if dtype != "int32" else None
    if x is None:
        whole = np.clip(np.nan_to_num(single.astype(np.float64)), -(2.0**31), 2.0**31 - 1)
        x = tensor(np.rint(whole).astype(np.int64), "int32")
    x.data.flags.writeable = False
    return x


def positive(rng: random.Random, dtype: str, shape: Sequence[int]) -> Tensor:
    """Positive scales of any float type, subnormal and huge ones among them."""
    count = math.prod(shape)
    if dtype == "float32":
        return scales(rng, shape, *rng.choice([(-6, 2), (-6, 2), (-140, 120)]))
    infinity = 0x7C00 if dtype == "float16" else 0x7F80
    codes = np.array([rng.choice([rng.randint(1, infinity - 1), infinity // 2]) for _ in range(count)], np.uint16)
    codes = codes.reshape(shape)
    return Tensor(dtype, codes.view(np.float16) if dtype == "float16" else codes)


def granularity(rng: random.Random, shape: list[int], opset: int) -> tuple[list[int], dict[str, int]]:
    """The shape of a scale and the attributes that go with it."""
    if opset == 10 or not shape or rng.random() < 0.4:
        return [], {}
    axis = rng.randrange(len(shape))
    attributes = {"axis": rng.choice([axis, axis - len(shape)])}
    if opset < 21 or rng.random() < 0.5:
        return [shape[axis]], attributes
    block = rng.randint(1, shape[axis] + 1)
    return [-(-n // block) if i == axis else n for i, n in enumerate(shape)], attributes | {"block_size": block}


INTEGERS = ["int8", "uint8", "int16", "uint16", "int4", "uint4", "int2", "uint2"]


@given(seed=st.integers(0, 2**32), opset=st.sampled_from([10, 13, 19, 21, 23, 24, 25]))
def test_quantize_linear(seed: int, opset: int) -> None:
    rng = random.Random(seed)
    shape = [rng.randint(0, 4) if rng.random() < 0.1 else rng.randint(1, 5) for _ in range(rng.randint(0, 4))]
    scale_shape, attributes = granularity(rng, shape, opset)
    x_type = rng.choice([*FLOATS, "int32"] if opset >= 19 else ["float32", "int32"])
    scale_type = x_type if 19 <= opset < 23 else rng.choice(FLOATS) if opset >= 23 else "float32"
    scale = tensor(np.ones(scale_shape), "int32") if scale_type == "int32" else positive(rng, scale_type, scale_shape)
    if opset >= 23 and rng.random() < 0.4:
        attributes["precision"] = rng.choice([1, 10, 16])
    x = floats(rng, x_type, shape, rng.choice([1.0, 0.3, 2.0**-6]))
    y_type = rng.choice(INTEGERS if opset >= 25 else INTEGERS[:6] if opset >= 21 else INTEGERS[:2])
    inputs = [x, scale, integers(rng, y_type, scale_shape)]
    agree("QuantizeLinear", inputs if rng.random() < 0.9 else inputs[:2], opset, **attributes)


@given(seed=st.integers(0, 2**32), opset=st.sampled_from([10, 13, 19, 21, 23, 24, 25]))
def test_dequantize_linear(seed: int, opset: int) -> None:
    rng = random.Random(seed)
    shape = [rng.randint(0, 4) if rng.random() < 0.1 else rng.randint(1, 5) for _ in range(rng.randint(0, 4))]
    scale_shape, attributes = granularity(rng, shape, opset)
    types = INTEGERS if opset >= 25 else INTEGERS[:6] if opset >= 21 else INTEGERS[:2]
    x_type = rng.choice([*types, "int32"])
    scale = positive(rng, rng.choice(FLOATS) if opset >= 19 else "float32", scale_shape)
    if opset >= 23 and rng.random() < 0.4:
        attributes["output_dtype"] = rng.choice([1, 10, 16])
    zero = tensor(np.zeros(scale_shape), "int32") if x_type == "int32" else integers(rng, x_type, scale_shape)
    inputs = [integers(rng, x_type, shape), scale, zero]
    agree("DequantizeLinear", inputs if rng.random() < 0.8 else inputs[:2], opset, **attributes)


@pytest.mark.parametrize("x_type", ["float8e4m3fn", "float8e4m3fnuz", "float8e5m2", "float8e5m2fnuz", "float4e2m1"])
def test_dequantize_linear_of_small_floats(x_type: str) -> None:
    x = Tensor(x_type, np.arange(16 if x_type == "float4e2m1" else 256, dtype=np.uint8))
    for scale in (tensor(0.3, "float32"), tensor(0.3, "float16"), Tensor("float8e8m0", np.array(121, np.uint8))):
        assert agree("DequantizeLinear", [x, scale], 25, output_dtype=1) != "unsupported"


@given(seed=st.integers(0, 2**32))
def test_dynamic_quantize_linear(seed: int) -> None:
    rng = random.Random(seed)
    around = 2.0 ** rng.choice([rng.randint(-20, 10), rng.randint(-140, 110)])
    x = floats(rng, "float32", [rng.randint(0, 3), rng.randint(1, 20)], around)
    agree("DynamicQuantizeLinear", [x], 11)


def test_what_both_refuse() -> None:
    one, x = tensor(1.0, "float32"), tensor([1.0, math.nan], "float32")
    assert agree("QuantizeLinear", [x, one], 25) == "unsupported"
    assert agree("QuantizeLinear", [x, tensor([1.0], "float32")], 13, axis=0) == "error"
    assert agree("QuantizeLinear", [tensor([0.0], "float32"), tensor(0.0, "float32")], 13) == "unsupported"
    assert agree("QuantizeLinear", [tensor([1.0, -1.0], "float32"), tensor(0.0, "float32")], 13) != "unsupported"
    assert agree("DynamicQuantizeLinear", [tensor([0.0], "float32")], 11) == "unsupported"
    assert agree("DynamicQuantizeLinear", [tensor([0.0], "float16")], 11) == "error"
    assert agree("MatMulInteger", [tensor([1], "int8")]) == "error"
    assert agree("Conv", [x, one], 11) == "error"
    assert agree("Nothing", [x, one]) == "unsupported"
    assert agree("Requantize", [tensor([1], "int32"), one, one, one, tensor(0, "int8")], 1, "tosa") == "unsupported"


def test_what_only_the_reference_does() -> None:
    x, one = tensor([1.0], "float32"), tensor(1.0, "float32")
    to_float8 = Request("QuantizeLinear", "", 25, {}, (x, one, tensor(0, "float8e5m2")))
    with pytest.raises(Unsupported, match="fast path is for integers"):
        run(to_float8)
    image = tensor(np.ones((1, 1, 2, 2, 2, 2)), "int8")
    with pytest.raises(Unsupported, match="4 dimensions"):
        run(Request("ConvInteger", "", 10, {}, (image, image)))
