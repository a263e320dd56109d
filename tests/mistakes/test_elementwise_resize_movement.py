"""Mistakes in element-wise operators, Resize, and operators that move data; two in quantized operators."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest

from qref import ops
from qref.errors import QrefError
from qref.mistakes import MISTAKES
from qref.numerics.floats import decode, encode
from qref.numerics.tensor import Tensor, tensor
from qref.ops.request import Request

F16, F32, BF16 = "float16", "float32", "bfloat16"
INF, NAN = np.inf, np.nan


def filled(values: Any, dtype: str = F32) -> Tensor:
    """A tensor of numbers of any type."""
    if dtype in (F16, F32, BF16):
        return encode(np.asarray(values, np.float64), dtype)
    return tensor(np.asarray(values), dtype)


def of(op: str, opset: int, *inputs: Any, dtype: str = F32, **attributes: Any) -> Request:
    """A request whose inputs have one type."""
    return Request(op, "", opset, attributes, tuple(None if x is None else filled(x, dtype) for x in inputs))


def binary(op: str, a: Any, b: Any, dtype: str = F32) -> Request:
    return of(op, 14, a, b, dtype=dtype)


def leaky(x: Any, dtype: str = F32, **attributes: Any) -> Request:
    return of("LeakyRelu", 16, x, dtype=dtype, **attributes)


def prelu(x: Any, slope: Any, dtype: str = F32) -> Request:
    return of("PRelu", 16, x, slope, dtype=dtype)


def clip(x: Any, low: Any = None, high: Any = None, dtype: str = F32) -> Request:
    return of("Clip", 13, x, low, high, dtype=dtype)


def hard(x: Any, **attributes: Any) -> Request:
    return of("HardSigmoid", 22, x, **attributes)


def swish(x: Any, dtype: str = F32) -> Request:
    return of("HardSwish", 22, x, dtype=dtype)


def softmax(x: Any, opset: int = 13, **attributes: Any) -> Request:
    return of("Softmax", opset, x, **attributes)


def resize(
    x: Any, *, sizes: Any = None, scales: Any = None, roi: Any = None, opset: int = 19, dtype: str = F32, **names: Any
) -> Request:
    """Resize, linear and half_pixel unless `mode` and `at` say otherwise."""
    attributes = {"mode": "linear", "coordinate_transformation_mode": names.pop("at", "half_pixel"), **names}
    inputs = [filled(x, dtype), *(None if v is None else filled(v) for v in (roi, scales))]
    return Request("Resize", "", opset, attributes, (*inputs, None if sizes is None else filled(sizes, "int64")))


def nearest(x: Any, nearest_mode: str = "round_prefer_floor", **names: Any) -> Request:
    return resize(x, mode="nearest", nearest_mode=nearest_mode, **names)


def pad(x: Any, pads: Any, mode: str = "constant", value: Any = None, axes: Any = None, dtype: str = F32) -> Request:
    inputs = filled(x, dtype), filled(pads, "int64"), None if value is None else filled(value, dtype)
    return Request("Pad", "", 19, {"mode": mode}, (*inputs, None if axes is None else filled(axes, "int64")))


def concat(*inputs: Any, axis: int, dtype: str = F32) -> Request:
    return of("Concat", 13, *inputs, axis=axis, dtype=dtype)


def flatten(x: Any, dtype: str = F32, **attributes: Any) -> Request:
    return of("Flatten", 13, x, dtype=dtype, **attributes)


def reshape(x: Any, shape: Sequence[int], dtype: str = F32, opset: int = 14, **attributes: Any) -> Request:
    inputs = filled(x, dtype), filled(np.asarray(shape, np.int64), "int64")
    return Request("Reshape", "", opset, attributes, inputs)


def quantize(x: Any, zero_point: int, dtype: str = "uint8") -> Request:
    return Request("QuantizeLinear", "", 13, {}, (filled(x), filled(1.0), tensor(zero_point, dtype)))


def product(a: Any, a_scale: Any, b: Any) -> Request:
    """QLinearMatMul of int8 matrices with a scale a row of A."""
    zeros = tensor(np.zeros(len(a_scale), np.int8), "int8")
    zero = tensor(0, "int8")
    inputs = (tensor(a, "int8"), filled(a_scale), zeros, tensor(b, "int8"), filled(1.0), zero, filled(1.0), zero)
    return Request("QLinearMatMul", "", 10, {}, inputs)


def single(value: float) -> float:
    """The float32 number, as an attribute holds it."""
    return float(np.float32(value))


SQUARE = [[1, 2], [3, 4]]
MINUS = [[[-1, -1], [-1, -1]]]  # one image, two channels, two columns
TWO_CUBES = np.zeros((2, 2, 2)).tolist()
HALVES = np.full((2, 2, 2), 0.5).tolist()
QUARTERS = np.full((2, 2, 2), 0.25).tolist()
CROP = "tf_crop_and_resize"
FOUR = np.arange(1.0, 5.0).reshape(1, 1, 2, 2).tolist()

# mistake, request, the wrong numbers, the right ones
CAUGHT: list[tuple[str, Request, Any, Any]] = [
    ("broadcast-from-the-left", binary("Add", SQUARE, [10, 20]), [[11, 12], [23, 24]], [[11, 22], [13, 24]]),
    ("broadcast-from-the-left", prelu([[-1, -1]] * 2, [2, 3]), [[-2, -2], [-3, -3]], [[-2, -3], [-2, -3]]),
    ("broadcast-swaps-operands", binary("Sub", 1, [3, 5]), [2, 4], [-2, -4]),
    ("division-of-integers-floors", binary("Div", [-7, 7], [2, 2], "int32"), [-4, 3], [-3, 3]),
    ("integers-through-float32", binary("Add", [2**24 + 1], [0], "int32"), [2**24], [2**24 + 1]),
    ("integers-through-float32", clip([2**24 + 1], 0, 2**25, "int64"), [2**24], [2**24 + 1]),
    ("division-by-zero-gives-zero", binary("Div", [1, 0], [0, 0]), [0, 0], [INF, NAN]),
    ("zero-times-infinity-is-zero", binary("Mul", [0, NAN], [INF, 0]), [0, 0], [NAN, NAN]),
    ("bfloat16-results-truncated", binary("Add", [3.125], [0.0146484375], BF16), [3.125], [3.140625]),
    ("bfloat16-results-half-up", binary("Add", [1], [2**-8], BF16), [1.0078125], [1]),
    ("float16-results-truncated", binary("Add", [2048], [3], F16), [2050], [2052]),
    ("float16-results-truncated", binary("Add", [65504], [16], F16), [65504], [INF]),
    ("relu-by-mask", of("Relu", 14, [-INF, INF]), [NAN, INF], [0, INF]),
    ("relu-clips-at-six", of("Relu", 14, [7.5, 6]), [6, 6], [7.5, 6]),
    ("leaky-relu-as-maximum", leaky([-1, 1], alpha=2.5), [-1, 2.5], [-2.5, 1]),
    ("leaky-relu-as-maximum", prelu([-1, -1], [2, 0.5]), [-1, -0.5], [-2, -0.5]),
    ("leaky-relu-alpha-ignored", leaky([-1], alpha=0.5), [-0.1], [-0.5]),
    ("leaky-relu-default-fifth", leaky([-1]), [-0.2], [-0.01]),
    ("p-relu-first-slope-everywhere", prelu([[-4], [-4]], [[0.25], [0.5]]), [[-1], [-1]], [[-1], [-2]]),
    ("p-relu-slope-along-the-last-axis", prelu([[-1, -1]] * 2, [[2], [3]]), [[-2, -3]] * 2, [[-2, -2], [-3, -3]]),
    ("p-relu-slope-by-channel", prelu(MINUS, [2, 3]), [[[-2, -2], [-3, -3]]], [[[-2, -3], [-2, -3]]]),
    ("clip-min-wins", clip([0, 3], 2, 1), [2, 2], [1, 1]),
    ("clip-drops-nan", clip([NAN, 3], -1, 1), [-1, 1], [NAN, 1]),
    ("clip-absent-min-is-smallest-positive", clip([-3, 2], None, 1), [1.1754943508222875e-38, 1], [-3, 1]),
    ("hard-sigmoid-slope-one-sixth", hard([1]), [0.6666667], [0.7]),
    ("hard-sigmoid-attributes-ignored", hard([0.5], alpha=0.5), [0.6], [0.75]),
    ("hard-sigmoid-from-two-relus", hard([INF, 2.0**25], alpha=1.0, beta=0.0), [NAN, 0], [1, 1]),
    ("hard-swish-without-division", swish([1]), [4], [0.6666667]),
    ("hard-swish-with-hard-sigmoid-default", swish([1]), [0.7], [0.6666667]),
    ("hard-swish-overflows", swish([20000], F16), [INF], [20000]),
    ("functions-in-float16", of("Sigmoid", 13, [1]), [0.73095703125], [0.7310586]),
    ("sigmoid-overflows-to-nan", of("Sigmoid", 13, [89, -89]), [NAN, 2.227364e-39], [1, 2.227364e-39]),
    ("sigmoid-takes-e-to-x", of("Sigmoid", 13, [2]), [0.11920292], [0.8807971]),
    ("tanh-overflows-to-nan", of("Tanh", 13, [45, -45]), [NAN, -1], [1, -1]),
    ("tanh-cancels", of("Tanh", 13, [1e-9]), [0], [1e-9]),
    ("softmax-without-maximum", softmax([[1000, 1000], [-1000, -1000]]), [[NAN] * 2] * 2, [[0.5] * 2] * 2),
    ("softmax-axis-ignored", softmax([[0, 0, 0, 0]] * 2, axis=0), [[0.25] * 4] * 2, [[0.5] * 4] * 2),
    ("softmax-not-coerced", softmax(TWO_CUBES, 11, axis=1), HALVES, QUARTERS),
    ("softmax-13-coerced", softmax(TWO_CUBES, axis=1), QUARTERS, HALVES),
    ("softmax-default-axis-of-13", softmax(TWO_CUBES, 11), HALVES, QUARTERS),
    ("resize-half-pixel-as-asymmetric", resize([1, 3], sizes=[4]), [1, 2, 3, 3], [1, 1.5, 2.5, 3]),
    ("resize-align-corners-ignored", resize([0, 3], sizes=[4], at="align_corners"), [0, 1.5, 3, 3], [0, 1, 2, 3]),
    ("resize-coordinate-mode-ignored", resize([1, 3], sizes=[4], at="asymmetric"), [1, 1.5, 2.5, 3], [1, 2, 3, 3]),
    ("resize-pytorch-half-pixel-onto-one", resize([1, 2, 3, 4], sizes=[1], at="pytorch_half_pixel"), [2.5], [1]),
    (
        "resize-symmetric-as-half-pixel",
        nearest([0, 1, 2, 3], scales=[0.625], at="half_pixel_symmetric"),
        [0, 2],
        [1, 2],
    ),
    ("resize-nearest-floor", nearest([1, 2], sizes=[4]), [1, 1, 1, 2], [1, 1, 2, 2]),
    ("resize-nearest-half-up", nearest([1, 2, 3, 4], sizes=[2]), [2, 4], [1, 3]),
    ("resize-nearest-half-even", nearest([1, 2, 3, 4], "round_prefer_ceil", sizes=[2]), [1, 3], [2, 4]),
    ("resize-length-rounded", nearest([1, 2, 3], scales=[1.5]), [1, 1, 2, 3, 3], [1, 2, 2, 3]),
    ("resize-linear-zero-beyond-ends", resize([4, 8], sizes=[4]), [3, 5, 7, 6], [4, 5, 7, 8]),
    ("resize-linear-extrapolates", resize([4, 8], sizes=[4]), [3, 5, 7, 9], [4, 5, 7, 8]),
    ("resize-roi-ignored", resize([1, 2, 3], sizes=[2], roi=[0.5, 1], at=CROP), [1, 3], [2, 3]),
    (
        "resize-extrapolation-value-ignored",
        resize([1, 2, 3], sizes=[3], roi=[0.5, 1.5], at=CROP, extrapolation_value=-7.5),
        [2, 3, 0],
        [2, 3, -7.5],
    ),
    ("resize-crop-holds-the-edge", resize([1, 2, 3], sizes=[3], roi=[0.5, 1.5], at=CROP), [2, 3, 3], [2, 3, 0]),
    (
        "resize-axes-taken-for-the-last",
        nearest(SQUARE, scales=[2, 1], axes=[1, 0]),
        [[1, 2], [1, 2], [3, 4], [3, 4]],
        [[1, 1, 2, 2], [3, 3, 4, 4]],
    ),
    (
        "resize-aspect-ratio-ignored",
        nearest(SQUARE, sizes=[2, 3], keep_aspect_ratio_policy="not_larger"),
        [[1, 1, 2], [3, 3, 4]],
        SQUARE,
    ),
    (
        "resize-aspect-ratio-truncates",
        nearest([[1, 2, 3]], sizes=[1, 2], keep_aspect_ratio_policy="not_larger"),
        np.zeros((0, 2)),
        [[1, 3]],
    ),
    ("pad-reflect-repeats-the-edge", pad([1, 2, 3], [2, 0], "reflect"), [2, 1, 1, 2, 3], [3, 2, 1, 2, 3]),
    ("pad-reflect-reads-zero-beyond-length", pad([1, 2], [2, 0], "reflect"), [0, 2, 1, 2], [1, 2, 1, 2]),
    ("pad-reflect-reverses-inner-rows", pad(SQUARE, [1, 0, 0, 0], "reflect"), [[4, 3], *SQUARE], [[3, 4], *SQUARE]),
    ("pad-mode-ignored", pad([1, 2], [1, 0], "edge"), [0, 1, 2], [1, 1, 2]),
    ("pad-wrap-as-reflect", pad([1, 2, 3], [1, 0], "wrap"), [2, 1, 2, 3], [3, 1, 2, 3]),
    ("pad-amounts-interleaved", pad([[1]], [0, 1, 0, 2]), [[1, 0, 0], [0, 0, 0]], [[0, 1, 0, 0]]),
    ("pad-negative-ignored", pad([1, 2, 3], [-1, 0]), [1, 2, 3], [2, 3]),
    ("pad-negative-begin-cuts-the-end", pad([1, 2, 3], [-1, 0]), [1, 2], [2, 3]),
    ("pad-value-ignored", pad([1], [0, 1], value=9.5), [1, 0], [1, 9.5]),
    ("pad-axes-taken-for-the-last", pad([[1]], [1, 0, 0, 0], axes=[1, 0]), [[0], [1]], [[0, 1]]),
    ("copies-flush-subnormals", flatten([[1e-40, 1]]), [[0, 1]], [[1e-40, 1]]),
    ("concat-negative-axis-off-by-one", concat(SQUARE, SQUARE, axis=-1), SQUARE + SQUARE, [[1, 2] * 2, [3, 4] * 2]),
    ("concat-always-along-channels", concat(SQUARE, SQUARE, axis=0), [[1, 2] * 2, [3, 4] * 2], SQUARE + SQUARE),
    ("concat-appends-memory", concat([[1], [2]], [[3], [4]], axis=1), SQUARE, [[1, 3], [2, 4]]),
    ("flatten-axis-ignored", flatten(FOUR, axis=3), [[1, 2, 3, 4]], SQUARE),
    ("flatten-negative-axis-plus-one", flatten([SQUARE], axis=-1), [[1], [2], [3], [4]], SQUARE),
    ("reshape-zero-as-size", reshape(np.ones((2, 0)), [0, 0, 7]), np.ones((0, 0, 7)), np.ones((2, 0, 7))),
    (
        "reshape-allowzero-ignored",
        reshape(np.ones((0, 8, 2)), [0, 0, 4], allowzero=1),
        np.ones((0, 8, 4)),
        np.ones((0, 0, 4)),
    ),
    ("reshape-channels-last", reshape([SQUARE], [4]), [1, 3, 2, 4], [1, 2, 3, 4]),
    ("reshape-channels-last", flatten([SQUARE]), [[1, 3, 2, 4]], [[1, 2, 3, 4]]),
    ("quantize-zero-point-wraps-in-int32", quantize([3e9, 5], 1), [0, 6], [255, 6]),
    ("row-scales-along-columns", product([[8], [8]], [0.5, 2], [[1, 1]]), [[4, 16], [4, 16]], [[4, 4], [16, 16]]),
]

# mistake, a request that it answers rightly
MISSED: list[tuple[str, Request]] = [
    ("broadcast-from-the-left", binary("Mul", SQUARE, 3)),
    ("broadcast-swaps-operands", binary("Div", [6, 4], 2)),
    ("division-of-integers-floors", binary("Div", [7, -8], [2, 2], "int64")),
    ("division-of-integers-floors", binary("Div", [-7], [2])),
    ("integers-through-float32", binary("Div", [-7], [2], "int32")),
    ("integers-through-float32", clip([-3, 7], None, 5, "int8")),
    ("division-by-zero-gives-zero", binary("Div", [1], [4])),
    ("zero-times-infinity-is-zero", binary("Mul", [2, INF], [INF, -1])),
    ("bfloat16-results-truncated", binary("Mul", [1.5], [1.5], BF16)),
    ("bfloat16-results-half-up", binary("Add", [1.0078125, INF], [2**-8, 1], BF16)),
    ("float16-results-truncated", binary("Sub", [2049], [1], F16)),
    ("relu-by-mask", of("Relu", 14, [-2, 3])),
    ("relu-clips-at-six", of("Relu", 14, [-7, 5], dtype="int8")),
    ("leaky-relu-as-maximum", leaky([-1, 1, NAN], alpha=-0.5)),
    ("leaky-relu-alpha-ignored", leaky([-1], alpha=single(0.1))),
    ("leaky-relu-default-fifth", leaky([-1], alpha=0.5)),
    ("p-relu-first-slope-everywhere", prelu([-1, -2], [0.5])),
    ("p-relu-slope-along-the-last-axis", prelu([-1, -2], [0.5, 2])),
    ("p-relu-slope-by-channel", prelu([[[-1, -2, -3]] * 2], [1, 2, 3])),
    ("clip-min-wins", clip([0, 3], 1, 2)),
    ("clip-drops-nan", clip([-3, INF], -1)),
    ("clip-absent-min-is-smallest-positive", clip([-3], None, 1, "int8")),
    ("hard-sigmoid-slope-one-sixth", hard([1], alpha=0.5)),
    ("hard-sigmoid-attributes-ignored", hard([1])),
    ("hard-sigmoid-from-two-relus", hard([1000, -INF], alpha=0.25)),
    ("hard-swish-without-division", swish([0, -4])),
    ("hard-swish-with-hard-sigmoid-default", swish([0, 4])),
    ("hard-swish-overflows", swish([10000, INF], F16)),
    ("functions-in-float16", of("Tanh", 13, [0, INF])),
    ("sigmoid-overflows-to-nan", of("Sigmoid", 13, [88, -1000])),
    ("sigmoid-takes-e-to-x", of("Sigmoid", 13, [0])),
    ("tanh-overflows-to-nan", of("Tanh", 13, [44, -1000])),
    ("tanh-cancels", of("Tanh", 13, [2, 0])),
    ("softmax-without-maximum", softmax([[0, 0], [-INF, 1]])),
    ("softmax-axis-ignored", softmax(SQUARE, axis=-1)),
    ("softmax-not-coerced", softmax(TWO_CUBES, 11, axis=2)),
    ("softmax-13-coerced", softmax(TWO_CUBES)),
    ("softmax-default-axis-of-13", softmax(SQUARE, 1)),
    ("resize-half-pixel-as-asymmetric", resize([1, 3], sizes=[4], at="align_corners")),
    ("resize-align-corners-ignored", resize([1, 3], sizes=[4])),
    ("resize-coordinate-mode-ignored", resize([1, 3], sizes=[4])),
    ("resize-pytorch-half-pixel-onto-one", resize([1, 3], sizes=[4], at="pytorch_half_pixel")),
    ("resize-symmetric-as-half-pixel", resize([1, 3], scales=[2], at="half_pixel_symmetric")),
    ("resize-nearest-floor", nearest([1, 2], "floor", sizes=[4])),
    ("resize-nearest-half-up", nearest([1, 2, 3], sizes=[6])),
    ("resize-nearest-half-even", nearest([1, 2, 3, 4], "floor", sizes=[2])),
    ("resize-length-rounded", resize([1, 2, 3], scales=[2])),
    ("resize-linear-zero-beyond-ends", resize([4, 8, 6], sizes=[2], at="align_corners")),
    ("resize-linear-extrapolates", resize([4, 8, 6], sizes=[2], at="align_corners")),
    ("resize-roi-ignored", resize([1, 2, 3], sizes=[2], roi=[0, 1], at=CROP)),
    ("resize-extrapolation-value-ignored", resize([1, 2, 3], sizes=[2], roi=[0, 1], at=CROP)),
    ("resize-crop-holds-the-edge", resize([1, 2, 3], sizes=[2], roi=[0, 0.5], at=CROP)),
    ("resize-axes-taken-for-the-last", nearest(SQUARE, scales=[2, 1], axes=[0, 1])),
    ("resize-aspect-ratio-ignored", nearest(SQUARE, sizes=[4, 4], keep_aspect_ratio_policy="not_larger")),
    ("resize-aspect-ratio-truncates", nearest(SQUARE, sizes=[4, 3])),
    ("pad-reflect-repeats-the-edge", pad([1, 2], [1, 0], "edge")),
    ("pad-reflect-reads-zero-beyond-length", pad([1, 2, 3], [2, 2], "reflect")),
    ("pad-reflect-reverses-inner-rows", pad(SQUARE, [0, 1, 0, 1], "reflect")),
    ("pad-mode-ignored", pad([1, 2], [1, 0])),
    ("pad-wrap-as-reflect", pad([1, 2, 3], [1, 0], "reflect")),
    ("pad-amounts-interleaved", pad([1], [1, 2])),
    ("pad-negative-ignored", pad([1], [1, 0])),
    ("pad-negative-begin-cuts-the-end", pad([1, 2], [1, -1])),
    ("pad-value-ignored", pad([1], [1, 0], "edge", 5)),
    ("pad-axes-taken-for-the-last", pad(SQUARE, [1, 0], axes=[-1])),
    ("nan-canonicalized", concat([1, NAN], [-INF], axis=0)),
    ("copies-flush-subnormals", concat([1, INF], [NAN], axis=0)),
    ("concat-negative-axis-off-by-one", concat(SQUARE, SQUARE, axis=1)),
    ("concat-always-along-channels", concat(SQUARE, SQUARE, axis=1)),
    ("concat-appends-memory", concat(SQUARE, SQUARE, axis=0)),
    ("flatten-axis-ignored", flatten(SQUARE)),
    ("flatten-negative-axis-plus-one", flatten(SQUARE, axis=0)),
    ("reshape-zero-as-size", reshape(SQUARE, [4])),
    ("reshape-allowzero-ignored", reshape(SQUARE, [4], allowzero=1)),
    ("reshape-channels-last", reshape(SQUARE, [4])),
    ("quantize-zero-point-wraps-in-int32", quantize([-3e9, 300], 1)),
    ("row-scales-along-columns", product([[8], [8]], [2, 2], [[1, 1]])),
]

NAMES = list(dict.fromkeys([*(name for name, *_ in CAUGHT), "nan-canonicalized"]))


def named(rows: list[Any]) -> list[Any]:
    """Test parameters whose ids are the mistakes' names."""
    return [pytest.param(*each, id=f"{each[0]}-{i}") for i, each in enumerate(rows)]


@pytest.mark.parametrize(("name", "request_", "wrong", "right"), named(CAUGHT))
def test_the_mistake_gives_its_number(name: str, request_: Request, wrong: Any, right: Any) -> None:
    (y,), (golden,) = MISTAKES[name].run(request_), ops.run(request_)
    for answer, numbers in ((y, wrong), (golden, right)):
        expected = np.asarray(numbers, np.float64)
        whole = answer.data.dtype.kind in "iu" and answer.dtype != BF16
        np.testing.assert_array_equal(decode(answer), expected if whole else expected.astype(np.float32))
    assert y.dtype == golden.dtype
    assert request_.op in MISTAKES[name].operators


@pytest.mark.parametrize(("op", "operands"), [("Flatten", ()), ("Reshape", ([1, 2],)), ("Pad", ([0, 0],))])
def test_nan_canonicalized_loses_payloads(op: str, operands: tuple[list[int], ...]) -> None:
    x = Tensor(F32, np.array([0x7FC00001, 0x80000000], np.uint32).view(np.float32))
    request_ = Request(op, "", 13, {}, (x, *(filled(v, "int64") for v in operands)))
    (y,), (golden,) = MISTAKES["nan-canonicalized"].run(request_), ops.run(request_)
    assert y.data.view(np.uint32).ravel().tolist() == [0x7FC00000, 0x80000000]
    assert golden.data.view(np.uint32).ravel().tolist() == [0x7FC00001, 0x80000000]


@pytest.mark.parametrize(("name", "request_"), named(MISSED))
def test_the_mistake_does_not_show(name: str, request_: Request) -> None:
    (y,), (golden,) = MISTAKES[name].run(request_), ops.run(request_)
    np.testing.assert_array_equal(decode(y), decode(golden))
    assert (y.dtype, y.shape) == (golden.dtype, golden.shape)


def test_each_mistake_is_shown_right_once() -> None:
    assert {name for name, _ in MISSED} == set(NAMES)


ODD_REQUESTS = [
    binary("Add", np.ones((0, 3)), np.ones((1, 3))),
    binary("Sub", 1, 2, F16),
    binary("Mul", np.ones((2, 1, 3)), np.ones((4, 1)), BF16),
    binary("Div", [2**64 - 1], [3], "uint64"),
    binary("Sub", [-(2**63)], [0], "int64"),
    of("Add", 7, np.ones((2, 3)), np.ones(3)),
    of("Relu", 14, np.ones((0, 2))),
    of("Relu", 14, -5, dtype="int64"),
    leaky(NAN, BF16),
    leaky(np.ones((0,)), alpha=3.0),
    prelu(np.ones((0, 3)), np.ones(3)),
    prelu(-1, 0.5, F16),
    prelu(-np.ones((2, 3, 2)), np.ones((1, 3, 1)), BF16),
    prelu([-3, 4], [5, 1], "int32"),
    prelu([3], [5], "uint64"),
    clip([1, NAN, -INF]),
    clip(np.ones((0,)), 0),
    clip([2**64 - 1], 3, dtype="uint64"),
    of("Clip", 6, [-1, 5], min=0.0),
    of("Clip", 6, [-1, 5], max=2.0, dtype=F16),
    of("Clip", 11, [-1, INF]),
    hard(np.ones((0,))),
    hard([INF, -INF], alpha=-0.5),
    swish(INF),
    swish(np.ones((2, 0)), BF16),
    *(of(op, 13, x, dtype=dtype) for op in ("Sigmoid", "Tanh") for dtype in (F16, BF16) for x in (NAN, [INF, 70], [])),
    softmax(np.ones((0, 3))),
    softmax(np.ones((2, 0))),
    softmax([NAN, 1]),
    softmax([[-INF, -INF]]),
    softmax([1, 2], 11, axis=0),
    softmax(np.ones((2, 3)), 1),
    of("Softmax", 13, [[1, 2]], dtype=BF16),
    nearest(np.ones((0, 2)), scales=[1, 2]),
    nearest([True, False], scales=[1.5], dtype="bool"),
    nearest([1, 2, 3], scales=[0.25]),
    nearest([1, 2, 3], sizes=[3], roi=[0.5, 1.5], at=CROP, extrapolation_value=9.0, dtype="int8"),
    nearest([1, 2, 3], scales=[1.5], roi=[0, 0.5], at=CROP),
    resize([[1, 2]], scales=[3, 0.5]),
    resize(SQUARE, scales=[2, 2], roi=[0, 0.25, 1, 2], at=CROP, dtype=F16),
    resize(SQUARE, sizes=[3, 5], keep_aspect_ratio_policy="not_smaller", dtype=BF16),
    nearest([1, 2], scales=[1.3], axes=[-1], at="half_pixel_symmetric"),
    Request("Resize", "", 11, {}, (filled([1, 2]), filled([]), filled([2.0]))),
    nearest([1, 2, 3], sizes=[5], at="tf_half_pixel_for_nn", opset=11, roi=[], scales=[]),
    pad(3, np.zeros(0, np.int64)),
    pad(np.ones((0, 2)), [1, 0, 0, 1]),
    pad(np.ones((2, 0)), [1, 0, 0, 0], "reflect"),
    pad([[1, 2, 3]], [0, -1, 0, -1], "edge"),
    pad(np.ones((2, 3, 2)), [1, 0, 1, 1, 2, 0], "reflect", dtype=BF16),
    pad([1, 2, 3], [5, 7], "wrap", dtype="int8"),
    pad([1, 2, 3], [-3, 2]),
    pad(SQUARE, np.zeros(0, np.int64), axes=np.zeros(0, np.int64)),
    pad(SQUARE, [2, -1], "constant", 1, [-2], "uint16"),
    Request("Pad", "", 2, {"pads": [1, -1], "mode": "constant", "value": 2.0}, (filled([1, 2], F16),)),
    concat(np.ones((0, 2)), SQUARE, axis=0),
    concat([1], [2], [3], axis=-1, dtype="int64"),
    concat(SQUARE, axis=-2, dtype=BF16),
    flatten(1.0, axis=0),
    flatten(np.ones((2, 0, 3)), axis=-3),
    flatten(np.ones((1, 2, 3, 4)), "uint8", axis=4),
    reshape([[1]], []),
    reshape(np.ones((0, 3)), [3, 0], allowzero=1),
    reshape(np.ones((2, 3, 4)), [0, -1], opset=5),
    quantize([INF, -INF, 3e9], -5, "int8"),
    product([[1, 2], [3, 4], [5, 6]], [1, 2, 3], [[1], [2]]),
]


@pytest.mark.parametrize("name", NAMES)
def test_no_valid_request_breaks_it(name: str) -> None:
    for odd in [*ODD_REQUESTS, *(each[1] for each in CAUGHT)]:
        try:
            answer = MISTAKES[name].run(odd)
        except QrefError:
            continue
        assert odd.op in MISTAKES[name].operators
        assert [y.dtype for y in answer] == [y.dtype for y in ops.run(odd)]


@pytest.mark.parametrize("odd", ODD_REQUESTS)
def test_the_odd_requests_are_valid(odd: Request) -> None:
    assert ops.run(odd)
