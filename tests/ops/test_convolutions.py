"""ConvInteger and QLinearConv against loops over everything, in Python integers and exact rationals."""

import random
from collections.abc import Sequence
from fractions import Fraction
from itertools import product
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from qref.errors import InvalidInput
from qref.numerics.tensor import Tensor, tensor
from qref.ops import alternatives, requantization, run
from qref.ops.request import Request

RANGES = {"int8": (-128, 127), "uint8": (0, 255)}


def conv_integer(*inputs: Tensor | None, **attributes: Any) -> Tensor:
    return run(Request("ConvInteger", "", 10, attributes, inputs))[0]


def q_linear_conv(*inputs: Tensor | None, **attributes: Any) -> Tensor:
    return run(Request("QLinearConv", "", 10, attributes, inputs))[0]


def padding(auto_pad: str, D: int, k: int, s: int, d: int) -> tuple[int, int]:
    """The least padding that gives ⌈D / s⌉ windows, found by trying; the odd one where the text puts it."""
    if auto_pad == "VALID":
        return 0, 0
    reach = (k - 1) * d + 1
    total = next(t for t in range(1000) if len(range(0, D + t - reach + 1, s)) >= -(-D // s))
    half = total // 2
    return (half, total - half) if auto_pad == "SAME_UPPER" else (total - half, half)


def convolve(
    x: NDArray[Any], zx: int, w: NDArray[Any], zw: Sequence[int], s: Any, d: Any, begin: Any, end: Any, group: int
) -> NDArray[Any]:
    """Every output element as the sum over every tap, an index outside the image contributing nothing."""
    N, _, *image = x.shape
    M, C_group, *kernel = w.shape
    spatial = range(len(image))
    starts = [range(-begin[i], image[i] + end[i] - (kernel[i] - 1) * d[i], s[i]) for i in spatial]
    y = np.zeros((N, M, *map(len, starts)), object)
    for n, m, *p in np.ndindex(*y.shape):
        first_channel = m // (M // group) * C_group
        for c, *r in product(range(C_group), *map(range, kernel)):
            at = [starts[i][p[i]] + r[i] * d[i] for i in spatial]
            if all(0 <= at[i] < image[i] for i in spatial):
                y[(n, m, *p)] += (int(x[(n, first_channel + c, *at)]) - zx) * (int(w[(m, c, *r)]) - zw[m])
    return y


def wrapped(y: NDArray[Any]) -> list[Any]:
    return ((y + 2**31) % 2**32 - 2**31).tolist()


def fill(draw: random.Random, dtype: str, shape: Sequence[int]) -> Tensor:
    """Random elements, the ends of the range among them often."""
    lowest, highest = RANGES[dtype]
    values = [draw.choice((lowest, highest, draw.randint(lowest, highest))) for _ in range(int(np.prod(shape)))]
    return tensor(np.array(values, np.int64).reshape(shape), dtype)


@st.composite
def convolutions(draw: st.DrawFn) -> dict[str, Any]:
    """Shapes, attributes and tensors of a convolution that the text allows."""
    n = draw(st.integers(1, 3))
    most = {1: 9, 2: 5, 3: 3}[n]

    def lengths(low: int, high: int) -> list[int]:
        return draw(st.lists(st.integers(low, high), min_size=n, max_size=n))

    kernel, strides, dilations = lengths(1, 3), lengths(1, 3), lengths(1, 2)
    reach = [(kernel[i] - 1) * dilations[i] + 1 for i in range(n)]
    auto_pad = draw(st.sampled_from(["NOTSET", "NOTSET", "NOTSET", "SAME_UPPER", "SAME_LOWER", "VALID"]))
    image, begin, end = lengths(1, most), lengths(0, 4), lengths(0, 4)
    for i in range(n):
        if auto_pad in ("SAME_UPPER", "SAME_LOWER"):
            begin[i], end[i] = padding(auto_pad, image[i], kernel[i], strides[i], dilations[i])
            continue
        if auto_pad == "VALID":
            begin[i] = end[i] = 0
        image[i] = max(image[i], reach[i] - begin[i] - end[i])
    group, C_group, M_group = draw(st.integers(1, 3)), draw(st.integers(1, 2)), draw(st.integers(1, 2))
    rng = random.Random(draw(st.integers(0, 2**32)))
    x_type, w_type = draw(st.sampled_from(["int8", "uint8"])), draw(st.sampled_from(["int8", "uint8"]))
    M = group * M_group
    attributes: dict[str, Any] = {"strides": strides, "dilations": dilations, "group": group, "auto_pad": auto_pad}
    if auto_pad == "NOTSET":
        attributes["pads"] = begin + end
    if draw(st.booleans()):
        attributes["kernel_shape"] = kernel
    return {
        "rng": rng,
        "x": fill(rng, x_type, [draw(st.integers(1, 2)), group * C_group, *image]),
        "w": fill(rng, w_type, [M, C_group, *kernel]),
        "zx": fill(rng, x_type, []),
        "zw": fill(rng, w_type, draw(st.sampled_from([[], [M]]))),
        "attributes": attributes,
        "geometry": (strides, dilations, begin, end, group),
    }


def accumulators(case: dict[str, Any]) -> NDArray[Any]:
    M = case["w"].shape[0]
    zw = np.broadcast_to(case["zw"].data, M).astype(int).tolist()
    return convolve(case["x"].data, int(case["zx"].data), case["w"].data, zw, *case["geometry"])


@pytest.mark.requirement(
    "QREF-IO-001",
    "QREF-IO-003",
    "QREF-IO-004",
    "QREF-IO-005",
    "QREF-IO-006",
    "QREF-IO-007",
    "QREF-IO-008",
    "QREF-IO-009",
)
@given(case=convolutions())
def test_conv_integer_is_the_sum_over_every_tap(case: dict[str, Any]) -> None:
    y = conv_integer(case["x"], case["w"], case["zx"], case["zw"], **case["attributes"])
    assert y.dtype == "int32"
    assert y.data.tolist() == wrapped(accumulators(case))


@pytest.mark.requirement("QREF-IO-009")
@given(case=convolutions(), which=st.sampled_from(["neither", "x", "w"]))
def test_an_absent_zero_point_is_zero(case: dict[str, Any], which: str) -> None:
    x, w, zx, zw = case["x"], case["w"], case["zx"], case["zw"]
    given_zero = {"neither": (), "x": (zx,), "w": (None, zw)}[which]
    if which != "x":
        case["zx"] = tensor(0, x.dtype)
    if which != "w":
        case["zw"] = tensor(0, w.dtype)
    assert conv_integer(x, w, *given_zero, **case["attributes"]).data.tolist() == wrapped(accumulators(case))


SCALES = [0.5, 0.25, 0.0625, 0.3, 0.1, 0.0117, 1.5, 0.007]


@pytest.mark.requirement("QREF-RQ-001", "QREF-RQ-002", "QREF-RQ-003", "QREF-RQ-005", "QREF-IO-010")
@given(case=convolutions(), y_type=st.sampled_from(["int8", "uint8"]), bias=st.booleans())
def test_q_linear_conv_rounds_the_exact_real_number_once(case: dict[str, Any], y_type: str, bias: bool) -> None:
    rng, M = case["rng"], case["w"].shape[0]
    acc = accumulators(case)
    sx, sy = (np.float32(rng.choice(SCALES)) for _ in range(2))
    sw = np.array([rng.choice(SCALES) for _ in range(int(np.prod(case["zw"].shape)))], np.float32)
    zero = fill(rng, y_type, [])
    inputs = [case["x"], tensor(sx, "float32"), case["zx"], case["w"]]
    inputs += [Tensor("float32", sw.reshape(case["zw"].shape)), case["zw"], tensor(sy, "float32"), zero]
    if bias:
        B = [rng.choice([-(2**31), 2**31 - 1, rng.randint(-5000, 5000), 0]) for _ in range(M)]
        inputs.append(tensor(B, "int32"))
        acc = acc + np.array(B, object).reshape(M, *[1] * (acc.ndim - 2))
    lowest, highest = RANGES[y_type]
    weights = np.broadcast_to(sw, M)
    expected = np.zeros(acc.shape, object)
    for i in np.ndindex(*acc.shape):
        real = acc[i] * Fraction(float(sx)) * Fraction(float(weights[i[1]])) / Fraction(float(sy))
        expected[i] = min(max(round(real) + int(zero.data), lowest), highest)
    y = q_linear_conv(*inputs, **case["attributes"])
    assert y.dtype == y_type
    assert y.data.tolist() == expected.tolist()
    exact = requantization(Request("QLinearConv", "", 10, case["attributes"], tuple(inputs)))
    assert exact is not None and exact.accumulator.tolist() == acc.tolist()


def ones(shape: list[int], dtype: str = "uint8") -> Tensor:
    return tensor(np.ones(shape, np.int64), dtype)


@pytest.mark.requirement("QREF-IO-004", "QREF-IO-005")
def test_by_hand() -> None:
    # x = 2 3 4 / 5 6 7 / 8 9 10 minus 1, w = 1 1 / 1 1, one element of padding all around
    x = tensor(np.arange(2, 11).reshape(1, 1, 3, 3), "uint8")
    y = conv_integer(x, ones([1, 1, 2, 2]), tensor(1, "uint8"), pads=[1, 1, 1, 1])
    assert y.data[0, 0].tolist() == [[1, 3, 5, 3], [5, 12, 16, 9], [11, 24, 28, 15], [7, 15, 17, 9]]


@pytest.mark.requirement("QREF-IO-004")
def test_the_kernel_is_not_flipped() -> None:
    y = conv_integer(tensor([[[1, 2, 3]]], "int8"), tensor([[[1, 0, -1]]], "int8"))
    assert y.data.tolist() == [[[-2]]]


@pytest.mark.requirement("QREF-IO-007", "QREF-IO-008")
@pytest.mark.parametrize(
    ("D", "k", "s", "d", "upper", "lower"),
    [
        (4, 2, 1, 1, (0, 1), (1, 0)),  # the odd one
        (5, 3, 2, 1, (1, 1), (1, 1)),
        (6, 3, 2, 1, (0, 1), (1, 0)),
        (5, 3, 1, 2, (2, 2), (2, 2)),  # the dilated kernel counts
        (5, 1, 3, 1, (0, 0), (0, 0)),  # stride beyond the kernel: never negative
        (2, 5, 1, 1, (2, 2), (2, 2)),
        (1, 4, 1, 1, (1, 2), (2, 1)),
    ],
)
def test_same_padding_by_hand(D: int, k: int, s: int, d: int, upper: tuple[int, int], lower: tuple[int, int]) -> None:
    x = tensor(np.arange(1, D + 1).reshape(1, 1, D), "int8")
    w = tensor((7 ** np.arange(k) % 100).reshape(1, 1, k), "int8")
    for auto_pad, pads in (("SAME_UPPER", upper), ("SAME_LOWER", lower)):
        assert padding(auto_pad, D, k, s, d) == pads
        same = conv_integer(x, w, auto_pad=auto_pad, strides=[s], dilations=[d])
        explicit = conv_integer(x, w, pads=list(pads), strides=[s], dilations=[d])
        assert same.shape == (1, 1, -(-D // s)) and same.same(explicit)


@pytest.mark.requirement("QREF-IO-001", "QREF-IO-002", "QREF-RQ-006")
def test_sums_beyond_int32_wrap_and_may_saturate() -> None:
    K = 33100  # K · 255 · 255 = 2,152,327,500
    x, w = tensor(np.full((1, K, 1), 255), "uint8"), tensor(np.full((1, K, 1), 255), "uint8")
    assert conv_integer(x, w).data.item() == K * 255 * 255 - 2**32
    [(reason, [held])] = alternatives(Request("ConvInteger", "", 10, {}, (x, w)))
    assert held.data.item() == 2**31 - 1 and "saturated" in reason
    below = conv_integer(x, w, tensor(255, "uint8"))
    assert below.data.item() == 0
    one, zero = tensor(2.0**-24, "float32"), tensor(0, "uint8")
    y = q_linear_conv(x, one, zero, w, tensor(1.0, "float32"), zero, tensor(1.0, "float32"), zero)
    assert y.data.item() == round(Fraction(K * 255 * 255, 2**24)) == 128  # wrapped it would be 0


@pytest.mark.requirement("QREF-IO-006", "QREF-IO-012")
@pytest.mark.parametrize(
    ("x", "w", "attributes", "shape"),
    [
        ([0, 2, 5], [3, 2, 2], {}, (0, 3, 4)),  # no batch
        ([2, 2, 5], [0, 2, 2], {}, (2, 0, 4)),  # no output channel
        ([2, 0, 5], [3, 0, 2], {}, (2, 3, 4)),  # no input channel: sums of nothing
        ([1, 1, 0], [1, 1, 2], {"pads": [1, 2]}, (1, 1, 2)),  # nothing but padding
        ([1, 1, 0], [1, 1, 2], {"auto_pad": "SAME_UPPER"}, (1, 1, 0)),
        ([1, 1, 0, 3], [1, 1, 1, 1], {"pads": [1, 0, 0, 0]}, (1, 1, 1, 3)),
        ([1, 1, 2], [1, 1, 2], {"pads": [5, 5]}, (1, 1, 11)),  # pads beyond the kernel
        ([1, 1, 9], [1, 1, 2], {"strides": [4]}, (1, 1, 2)),  # stride beyond the kernel
    ],
)
def test_sizes_at_the_edge(x: list[int], w: list[int], attributes: dict[str, Any], shape: tuple[int, ...]) -> None:
    y = conv_integer(ones(x), ones(w), tensor(7, "uint8"), **attributes)
    assert y.shape == shape
    begin = attributes.get("pads", [0] * 4)[: len(x) - 2]
    end = attributes.get("pads", [0] * 4)[len(x) - 2 : 2 * (len(x) - 2)]
    if "auto_pad" not in attributes:
        s = attributes.get("strides", [1] * (len(x) - 2))
        expected = convolve(np.ones(x, int), 7, np.ones(w, int), [0] * w[0], s, [1, 1], begin, end, 1)
        assert y.data.tolist() == expected.tolist()


X, W = ones([1, 2, 4, 4]), ones([2, 2, 3, 3])


@pytest.mark.requirement("QREF-IO-011")
@pytest.mark.parametrize(
    ("inputs", "attributes", "words"),
    [
        ([tensor(np.ones((1, 2, 4, 4)), "int32"), W], {}, "x is int32"),
        ([X, tensor(np.ones((2, 2, 3, 3)), "float32")], {}, "w is float32"),
        ([ones([2, 4]), ones([2, 4])], {}, "x has rank 2"),
        ([X, ones([2, 2, 3])], {}, "w has rank 3, x has 4"),
        ([X, ones([2, 2, 0, 3])], {}, r"w has kernel \[0, 3\]"),
        ([X, ones([2, 1, 3, 3])], {}, "x has 2 channels, w takes 1 · 1"),
        ([X, ones([3, 1, 3, 3])], {"group": 2}, "group 2 does not divide M = 3"),
        ([X, W], {"group": 0}, "group 0"),
        ([X, W], {"group": -1}, "group -1"),
        ([X, W], {"kernel_shape": [3, 2]}, r"kernel_shape is \[3, 2\], w has \[3, 3\]"),
        ([X, W], {"strides": [1]}, r"strides is \[1\]: give 2"),
        ([X, W], {"strides": [0, 1]}, r"strides is \[0, 1\]"),
        ([X, W], {"dilations": [1, -1]}, r"dilations is \[1, -1\]"),
        ([X, W], {"pads": [1, 1]}, r"pads is \[1, 1\]: give 4"),
        ([X, W], {"pads": [0, 0, -1, 0]}, r"pads is \[0, 0, -1, 0\]"),
        ([X, W], {"pads": [0, 0, 0, 0], "auto_pad": "VALID"}, "pads and auto_pad VALID"),
        ([X, W], {"auto_pad": "SAME"}, "auto_pad is 'SAME'"),
        ([X, W], {"auto_pad": 1}, "attribute auto_pad is 1: give string"),
        ([X, W], {"group": "1"}, "attribute group is '1': give int"),
        ([X, W], {"strides": 1}, "attribute strides is 1: give ints"),
        ([X, W], {"stride": [1, 1]}, "ConvInteger-10 has no attribute 'stride'"),
        ([X, ones([2, 2, 5, 5])], {}, r"fits nowhere: output lengths \[0, 0\]"),
        ([X, W], {"dilations": [2, 2]}, "fits nowhere"),
        ([ones([1, 2, 0, 4]), W], {}, "fits nowhere"),
        ([X, W, tensor(0, "int8")], {}, "x_zero_point is int8 and x is uint8"),
        ([X, W, tensor([0], "uint8")], {}, r"x_zero_point has shape \[1\]"),
        ([X, W, None, tensor(0, "int8")], {}, "w_zero_point is int8 and w is uint8"),
        ([X, W, None, tensor([0, 0, 0], "uint8")], {}, r"w_zero_point has shape \[3\]: give a scalar or \[2\]"),
        ([X], {}, "takes 2 to 4 inputs"),
        ([X, None], {}, "takes 2 to 4 inputs"),
        ([X, W, None, None, X], {}, "takes 2 to 4 inputs"),
    ],
)  # fmt: skip
def test_conv_integer_refuses(inputs: list[Tensor | None], attributes: dict[str, Any], words: str) -> None:
    with pytest.raises(InvalidInput, match=words):
        conv_integer(*inputs, **attributes)


S, Z, B = tensor(1.0, "float32"), tensor(0, "uint8"), tensor([0, 0], "int32")
GOOD = {"x": X, "sx": S, "zx": Z, "w": W, "sw": S, "zw": Z, "sy": S, "zy": Z, "B": B}


@pytest.mark.requirement("QREF-IO-011")
@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"sx": tensor(1.0, "float16")}, "x_scale is float16"),
        ({"sw": tensor(1.0, "float64")}, "w_scale is float64"),
        ({"sy": tensor(1, "int32")}, "y_scale is int32"),
        ({"sx": tensor([1.0], "float32")}, r"x_scale has shape \[1\]"),
        ({"sy": tensor([1.0], "float32")}, r"y_scale has shape \[1\]"),
        ({"zx": tensor([0], "uint8")}, r"x_zero_point has shape \[1\]"),
        ({"zx": tensor(0, "int8")}, "x_zero_point is int8 and x is uint8"),
        ({"zw": tensor(0, "int8")}, "w_zero_point is int8 and w is uint8"),
        ({"zy": tensor([0], "uint8")}, r"y_zero_point has shape \[1\]"),
        ({"zy": tensor(0, "int16")}, "y_zero_point is int16"),
        ({"sw": tensor([1.0, 1.0], "float32")}, r"w_scale has shape \[2\] and w_zero_point \[\]"),
        ({"zw": tensor([0, 0], "uint8")}, r"w_scale has shape \[\] and w_zero_point \[2\]"),
        ({"sw": tensor([1.0] * 3, "float32"), "zw": tensor([0] * 3, "uint8")}, r"shape \[3\]: give a scalar or \[2\]"),
        ({"B": tensor([0, 0], "int8")}, "B is int8"),
        ({"B": tensor([0], "int32")}, r"B has shape \[1\]: give \[2\]"),
        ({"B": tensor(0, "int32")}, r"B has shape \[\]"),
        ({"x": tensor(np.ones((1, 2, 4, 4)), "int16")}, "x is int16"),
        ({"zy": None}, "takes 8 to 9 inputs, none of the first 8 absent"),
    ],
)
def test_q_linear_conv_refuses(wrong: dict[str, Tensor | None], words: str) -> None:
    assert q_linear_conv(*GOOD.values()).shape == (1, 2, 2, 2)
    with pytest.raises(InvalidInput, match=words):
        q_linear_conv(*{**GOOD, **wrong}.values())
