"""The compiled operators of floats against the reference: within its bounds, or the same kind of refusal."""

import random
from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qref.errors import InvalidInput, NotFixed, Unsupported
from qref.numerics.floats import decode, encode
from qref.numerics.formats import Float
from qref.numerics.tensor import Tensor, tensor
from qref.ops import bounds
from qref.ops import run as reference
from qref.ops.request import Request

pytest.importorskip("numba")
from qref.kernels import OPERATORS, run

TYPES = ["float32", "float32", "float16", "bfloat16"]
SPECIAL = [0.0, -0.0, np.inf, -np.inf, np.nan, 2.0**-149, -(2.0**-126), 3e38, 6e4, 1.0]


def outcome(engine: Any, request: Request) -> Any:
    """The tensors that an engine gives, or the class of its refusal."""
    try:
        return engine(request)
    except (NotFixed, Unsupported):
        return "unsupported"
    except InvalidInput:
        return "error"


def agree(op: str, inputs: Sequence[Tensor | None], opset: int, outputs: int = 1, **attributes: Any) -> Any:
    """Checks the fast path's answer, and returns the reference's."""
    request = Request(op, "", opset, attributes, tuple(inputs), outputs)
    expected, found = outcome(reference, request), outcome(run, request)
    if isinstance(expected, str):
        assert found == expected
        return expected
    assert [(y.dtype, y.shape) for y in found] == [(y.dtype, y.shape) for y in expected]
    bound = bounds(request)
    for i, (y, golden) in enumerate(zip(found, expected)):
        if not isinstance(y.format, Float):
            assert np.array_equal(y.data, golden.data)
            continue
        a, b = decode(y), decode(golden)
        equal = (a == b) | (np.isnan(a) & np.isnan(b))
        if bound is not None:
            with np.errstate(invalid="ignore"):
                equal |= np.abs(a - b) <= bound[i].tolerance
            if bound[i].overflow is not None:
                equal |= bound[i].overflow
        assert equal.all(), (a[~equal], b[~equal])
    return expected


def floats(rng: random.Random, dtype: str, shape: Sequence[int], special: float = 0.0, most: float = 1.0) -> Tensor:
    """Normally distributed numbers, some of them special; read-only, as a decoded tensor's."""
    count = int(np.prod(shape))
    values = [rng.choice(SPECIAL) if rng.random() < special else rng.gauss(0, most) for _ in range(count)]
    x = encode(np.array(values, np.float64).reshape(tuple(shape)), dtype)
    x.data.flags.writeable = False
    return x


@st.composite
def windows(draw: st.DrawFn) -> tuple[random.Random, int, list[int], list[int], dict[str, Any]]:
    """A source of numbers, rank of space, image, kernel and attributes; most fit together."""
    n = draw(st.integers(1, 3))

    def lengths(low: int, high: int) -> list[int]:
        return draw(st.lists(st.integers(low, high), min_size=n, max_size=n))

    kernel, image = lengths(1, 3), lengths(1, {1: 40, 2: 9, 3: 5}[n])
    attributes: dict[str, Any] = {"strides": lengths(1, 3), "dilations": lengths(1, 2)}
    auto_pad = draw(st.sampled_from(["NOTSET", "NOTSET", "NOTSET", "SAME_UPPER", "SAME_LOWER", "VALID"]))
    attributes |= {"pads": lengths(0, 3) + lengths(0, 3)} if auto_pad == "NOTSET" else {"auto_pad": auto_pad}
    return random.Random(draw(st.integers(0, 2**32))), n, image, kernel, attributes


def some_bias(rng: random.Random, dtype: str, M: int) -> list[Tensor]:
    return [floats(rng, dtype, [M])] if rng.random() < 0.5 else []


@given(drawn=windows())
def test_conv(drawn: Any) -> None:
    rng, _, image, kernel, attributes = drawn
    dtype, group, C_g, M_g = rng.choice(TYPES), rng.randint(1, 3), rng.randint(1, 4), rng.randint(1, 5)
    x = floats(rng, dtype, [rng.randint(1, 2), group * C_g, *image], rng.choice([0, 0, 0.01]))
    w = floats(rng, dtype, [group * M_g, C_g, *kernel])
    agree("Conv", [x, w, *some_bias(rng, dtype, group * M_g)], rng.choice([11, 22]), group=group, **attributes)


@given(drawn=windows())
def test_conv_transpose(drawn: Any) -> None:
    rng, n, image, kernel, attributes = drawn
    dtype, group, C_g, M_g = rng.choice(TYPES), rng.randint(1, 3), rng.randint(1, 4), rng.randint(1, 5)
    x = floats(rng, dtype, [rng.randint(1, 2), group * C_g, *image], rng.choice([0, 0, 0.01]))
    w = floats(rng, dtype, [group * C_g, M_g, *kernel])
    if rng.random() < 0.5:
        attributes["output_padding"] = [rng.randint(0, 1) for _ in range(n)]
    inputs = [x, w, *some_bias(rng, dtype, group * M_g)]
    agree("ConvTranspose", inputs, rng.choice([11, 22]), group=group, **attributes)


@given(drawn=windows())
def test_max_pool(drawn: Any) -> None:
    rng, _, image, kernel, attributes = drawn
    shape = [rng.randint(1, 2), rng.randint(1, 3), *image]
    if rng.random() < 0.3:
        x = tensor(np.array([rng.randint(0, 3) for _ in range(int(np.prod(shape)))]).reshape(shape), "uint8")
    else:
        x = floats(rng, rng.choice([*TYPES, "float64"]), shape, rng.choice([0, 0.01]), rng.choice([1.0, 2.0**-148]))
    attributes |= {"ceil_mode": rng.randint(0, 1), "storage_order": rng.randint(0, 1), "kernel_shape": kernel}
    agree("MaxPool", [x], rng.choice([12, 22]), rng.randint(1, 2), **attributes)


@given(drawn=windows())
def test_average_pool(drawn: Any) -> None:
    rng, _, image, kernel, attributes = drawn
    x = floats(rng, rng.choice(TYPES), [rng.randint(1, 2), rng.randint(1, 3), *image], rng.choice([0, 0, 0.01]))
    opset = rng.choice([11, 19, 22])
    if opset == 11:
        del attributes["dilations"]
    attributes |= {"ceil_mode": rng.randint(0, 1), "count_include_pad": rng.randint(0, 1), "kernel_shape": kernel}
    agree("AveragePool", [x], opset, **attributes)


@given(seed=st.integers(0, 2**32))
def test_global_average_pool(seed: int) -> None:
    rng = random.Random(seed)
    shape = [rng.randint(1, 3) for _ in range(rng.randint(2, 5))] + [rng.randint(0, 5)]
    agree("GlobalAveragePool", [floats(rng, rng.choice(TYPES), shape)], rng.choice([1, 22]))


@given(seed=st.integers(0, 2**32))
def test_batch_normalization(seed: int) -> None:
    rng = random.Random(seed)
    dtype, C = rng.choice(TYPES), rng.randint(1, 4)
    x = floats(rng, dtype, [rng.randint(1, 3), C, *[rng.randint(1, 4) for _ in range(rng.randint(0, 3))]])
    scale, b, mean, var = (floats(rng, dtype, [C]) for _ in range(4))
    positive = encode(np.abs(decode(var)), dtype) if rng.random() < 0.8 else var
    agree("BatchNormalization", [x, scale, b, mean, positive], 15, epsilon=rng.choice([1e-5, 0.5]))


@given(seed=st.integers(0, 2**32))
def test_mat_mul(seed: int) -> None:
    rng = random.Random(seed)
    K, leading = rng.randint(0, 9), [rng.randint(1, 3) for _ in range(rng.randint(0, 2))]
    a = [K] if rng.random() < 0.2 else [*leading, rng.randint(1, 4), K]
    b = [K] if rng.random() < 0.2 else [*[rng.choice([1, n]) for n in leading], K, rng.randint(1, 5)]
    if rng.random() < 0.3:
        dtype = rng.choice(["int32", "int64", "uint32", "uint64"])
        low, high = np.iinfo(dtype).min, np.iinfo(dtype).max
        numbers = (np.array([rng.randint(low, high) for _ in range(int(np.prod(shape)))], dtype) for shape in (a, b))
        inputs = [Tensor(dtype, values.reshape(shape)) for values, shape in zip(numbers, (a, b))]
    else:
        dtype = rng.choice(TYPES)
        inputs = [floats(rng, dtype, shape, rng.choice([0, 0, 0.02])) for shape in (a, b)]
    agree("MatMul", inputs, 13)


@given(seed=st.integers(0, 2**32))
def test_gemm(seed: int) -> None:
    rng = random.Random(seed)
    dtype, (M, K, N) = rng.choice(TYPES), (rng.randint(1, 6) for _ in range(3))
    trans_a, trans_b = rng.randint(0, 1), rng.randint(0, 1)
    a, b = floats(rng, dtype, [K, M] if trans_a else [M, K]), floats(rng, dtype, [N, K] if trans_b else [K, N])
    c = [floats(rng, dtype, rng.choice([[M, N], [N], [M, 1], [1], []]))] if rng.random() < 0.7 else []
    scaled = {"alpha": rng.choice([1.0, 0.3]), "beta": rng.choice([1.0, 0.7])}
    agree("Gemm", [a, b, *c], 13, transA=trans_a, transB=trans_b, **scaled)
    whole = tensor(np.ones((2, 2)), "int32")
    with pytest.raises(Unsupported, match="for floats"):
        run(Request("Gemm", "", 13, {}, (whole, whole), 1))


@pytest.mark.parametrize("op", ["Add", "Sub", "Mul", "Div", "PRelu"])
@settings(max_examples=20)
@given(seed=st.integers(0, 2**32))
def test_two_operands(op: str, seed: int) -> None:
    rng = random.Random(seed)
    dtype = rng.choice(TYPES)
    shape = [rng.randint(0 if rng.random() < 0.1 else 1, 4) for _ in range(rng.randint(0, 4))]
    shape = [*shape, rng.randint(1, 20)] if rng.random() < 0.3 else shape
    other = [rng.choice([1, n]) for n in shape[rng.randint(0, len(shape)) :]]
    a, b = floats(rng, dtype, shape, 0.3), floats(rng, dtype, other, 0.3)
    if op != "PRelu" and rng.random() < 0.5:
        a, b = b, a
    agree(op, [a, b], 16 if op == "PRelu" else 14)


ONE = {
    "Relu": (14, {}),
    "LeakyRelu": (16, {"alpha": [0.01, -2.5, 1 / 3]}),
    "Clip": (6, {"min": [-0.5, 0.25], "max": [0.5, 2.0]}),
    "HardSigmoid": (22, {"alpha": [0.2, 0.0, -1.5], "beta": [0.5, 0.0]}),
    "HardSwish": (22, {}),
    "Sigmoid": (13, {}),
    "Tanh": (13, {}),
}


@pytest.mark.parametrize("op", ONE)
@settings(max_examples=20)
@given(seed=st.integers(0, 2**32))
def test_one_operand(op: str, seed: int) -> None:
    rng = random.Random(seed)
    opset, choices = ONE[op]
    types = ["float32", "float16"] if op == "Clip" else TYPES
    shape = [rng.randint(0, 3), rng.randint(1, 40), 2][: rng.randint(0, 3)]
    x = floats(rng, rng.choice(types), shape, 0.3, rng.choice([1.0, 20.0]))
    agree(op, [x], opset, **{name: float(np.float32(rng.choice(values))) for name, values in choices.items()})


@given(seed=st.integers(0, 2**32))
def test_clip_by_inputs(seed: int) -> None:
    rng = random.Random(seed)
    dtype = rng.choice(TYPES)
    limits = [floats(rng, dtype, [], 0.2) if rng.random() < 0.7 else None for _ in range(2)]
    agree("Clip", [floats(rng, dtype, [7], 0.3), *limits], 13)


def every_exponent() -> Any:
    """Numbers of every magnitude and both signs, and those around where a function changes its formula."""
    bits = np.arange(0, 2**31, 40009, dtype=np.uint32)
    near = [
        (np.float32(x).view(np.uint32) + np.arange(-40, 40)).astype(np.uint32) for x in (0.625, 0.3125, 87.3, 104.0)
    ]
    x = np.concatenate([bits, *near]).view(np.float32)
    x = x[np.isfinite(x)]
    return np.concatenate([x, -x])


def test_functions_of_float32_at_every_magnitude() -> None:
    x = every_exponent()
    wide = x.astype(np.float64)
    with np.errstate(over="ignore"):
        golden = {"Sigmoid": 1 / (1 + np.exp(-wide)), "Tanh": np.tanh(wide)}
    for op, y in golden.items():
        [found] = run(Request(op, "", 13, {}, (Tensor("float32", x),), 1))
        assert (np.abs(found.data - y) <= 5 * 2.0**-24 * np.abs(y) + 2.0**-149).all(), op


@given(seed=st.integers(0, 2**32), opset=st.sampled_from([1, 11, 13]))
def test_softmax(seed: int, opset: int) -> None:
    rng = random.Random(seed)
    shape = [rng.randint(1, 4) for _ in range(rng.randint(1, 3))]
    shape[rng.randrange(len(shape))] = rng.randint(1, 50)
    x = floats(rng, rng.choice(["float32", "float16"]), shape, rng.choice([0, 0.1]), rng.choice([1.0, 30.0]))
    agree("Softmax", [x], opset, axis=rng.randint(-1, len(shape)))


def test_what_is_left_to_the_reference() -> None:
    whole = tensor([1, 2], "int32")
    for op, inputs in (("Relu", [whole]), ("Add", [whole, whole]), ("Clip", [whole])):
        with pytest.raises(Unsupported, match="for floats"):
            run(Request(op, "", 13 if op == "Clip" else 14, {}, tuple(inputs), 1))
    x = floats(random.Random(0), "float32", [1, 1, 1, 1, 1, 1])
    with pytest.raises(Unsupported, match="4 dimensions"):
        run(Request("Conv", "", 22, {}, (x, x), 1))
    with pytest.raises(Unsupported, match="Flatten: no fast path"):
        run(Request("Flatten", "", 13, {}, (x,), 1))
    assert ("", "Flatten") not in OPERATORS
