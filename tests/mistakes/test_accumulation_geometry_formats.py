"""Mistakes in sums of products, in the geometry of convolutions, in granularity and in number formats."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest

from qref import ops
from qref.errors import QrefError
from qref.mistakes import MISTAKES
from qref.numerics.floats import decode
from qref.numerics.tensor import Tensor, tensor
from qref.ops.request import Request

U8, S8 = "uint8", "int8"
Types = tuple[str, str]


def product(
    op: str, operands: Sequence[Any], types: tuple[str, str], zeros: Sequence[Any], **attributes: Any
) -> Request:
    inputs = [tensor(v, t) for v, t in zip(operands, types, strict=True)]
    inputs += [tensor(0 if v is None else v, t) for v, t in zip(zeros, types, strict=True)]
    return Request(op, "", 10, attributes, tuple(inputs))


def conv(x: Any, w: Any, zx: Any = None, zw: Any = None, types: Types = (U8, S8), **attributes: Any) -> Request:
    """ConvInteger of one image of one channel (x in its spatial dimensions) with one kernel."""
    return product("ConvInteger", ([[x]], [[w]]), types, (zx, zw), **attributes)


def channels(x: Any, w: Any, zw: Any = None, types: Types = (U8, S8), **attributes: Any) -> Request:
    """ConvInteger of x [N, C, D] with w [M, C/group, k]."""
    return product("ConvInteger", (x, w), types, (None, zw), **attributes)


def matmul(a: Any, b: Any, za: Any = None, zb: Any = None, types: tuple[str, str] = (U8, U8)) -> Request:
    return product("MatMulInteger", (a, b), types, (za, zb))


def quantize(x: Any, y_type: str | None, **attributes: Any) -> Request:
    """QuantizeLinear with scale 1 and zero point 0 of `y_type`."""
    zero = () if y_type is None else (tensor(0, y_type),)
    return Request("QuantizeLinear", "", 25, attributes, (tensor(x, "float32"), tensor(1.0, "float32"), *zero))


def dequantize(
    x: Any, x_type: str, scale: Any = 1.0, zero: Any = None, s_type: str = "float32", **attributes: Any
) -> Request:
    zeros = () if zero is None else (tensor(zero, x_type),)
    return Request("DequantizeLinear", "", 25, attributes, (tensor(x, x_type), tensor(scale, s_type), *zeros))


ROW = [1, 2, 3, 4, 5, 6]
SQUARE = [[1, 2, 3], [4, 5, 6], [7, 8, 9]]
ONE_BEFORE: dict[str, Any] = {"pads": [1, 0]}
UPPER: dict[str, Any] = {"auto_pad": "SAME_UPPER"}
LOWER: dict[str, Any] = {"auto_pad": "SAME_LOWER"}
LAST_OF_NINE = [[-128, 0, 0, 0, 0, 0, 0, 0, -128]]

# mistake, request, the wrong numbers, the right ones
CAUGHT = [
    ("pair-sums-saturate", matmul([[211, 171]], [[71], [107]], types=(U8, S8)), [[32767]], [[33278]]),
    ("pair-sums-saturate-channels-first", conv([127, 127], [255, 255], types=(S8, U8)), [[[32767]]], [[[64770]]]),
    ("s8s8-pair-sums-saturate", matmul([[127, 127]], [[127], [127]], types=(S8, S8)), [[255]], [[32258]]),
    ("pair-sums-wrap-int16", matmul(LAST_OF_NINE, np.transpose(LAST_OF_NINE), types=(S8, S8)), [[-32768]], [[32768]]),
    ("accumulates-in-int16", matmul([[127] * 3], [[127]] * 3), [[-17149]], [[48387]]),
    ("accumulates-in-float32", matmul([[255] * 259], [[255]] * 259), [[16841476]], [[16841475]]),
    ("accumulates-in-float16", matmul([[127]], [[19]]), [[2412]], [[2413]]),
    ("reduction-tail-dropped", matmul([[1] * 5], [[1]] * 5), [[4]], [[5]]),
    ("x-zero-point-ignored", conv([130], [1], zx=128), [[[130]]], [[[2]]]),
    ("w-zero-point-ignored", conv([1], [130], zw=128, types=(U8, U8)), [[[130]]], [[[2]]]),
    ("a-zero-point-ignored", matmul([[130]], [[1]], za=128), [[130]], [[2]]),
    ("b-zero-point-ignored", matmul([[1]], [[130]], zb=128), [[130]], [[2]]),
    (
        "w-zero-point-of-first-channel",
        channels([[[1]]], [[[100]], [[100]]], zw=[5, 90], types=(U8, U8)),
        [[[95], [95]]],
        [[[95], [10]]],
    ),
    ("a-zero-point-of-first-row", matmul([[7], [7]], [[1]], za=[1, 5]), [[6], [6]], [[6], [2]]),
    ("b-zero-point-of-first-column", matmul([[1]], [[7, 7]], zb=[1, 5]), [[6, 6]], [[6, 2]]),
    (
        "row-zero-points-along-columns",
        matmul([[7, 7], [7, 7]], [[1, 0], [0, 1]], za=[1, 5]),
        [[6, 2], [6, 2]],
        [[6, 6], [2, 2]],
    ),
    ("zero-points-added", matmul([[7]], [[1]], za=5), [[12]], [[2]]),
    ("zero-point-subtracted-in-eight-bits", matmul([[100]], [[1]], za=-100, types=(S8, S8)), [[-56]], [[200]]),
    ("zero-point-subtracted-in-eight-bits", matmul([[3]], [[1]], za=5), [[254]], [[-2]]),
    ("zero-point-correction-without-cross-term", matmul([[4, 4]], [[6], [6]], za=3, zb=5), [[-28]], [[2]]),
    ("cross-term-counts-padding", conv([4], [6, 6], zx=3, zw=5, **ONE_BEFORE), [[[16]]], [[[1]]]),
    ("cross-term-counts-packing", matmul([[4, 4]], [[6], [6]], za=3, zb=5), [[32]], [[2]]),
    ("pads-with-raw-zero", conv([130], [1, 1], zx=128, **ONE_BEFORE), [[[-126]]], [[[2]]]),
    ("uint8-weights-read-as-int8", matmul([[1]], [[200]], zb=100), [[-156]], [[100]]),
    ("int8-activations-read-as-uint8", matmul([[-1]], [[1]], types=(S8, U8)), [[255]], [[-1]]),
    ("weights-read-with-the-type-of-x", matmul([[1]], [[-1]], types=(U8, S8)), [[255]], [[-1]]),
    ("b-read-transposed", matmul([[1, 0]], [[1, 2], [3, 4]]), [[1, 3]], [[1, 2]]),
    (
        "batch-broadcast-by-modulo",
        matmul(np.ones((2, 2, 1, 1), np.uint8), [[[[1]]], [[[2]]]]),
        [[[[1]], [[2]]], [[[1]], [[2]]]],
        [[[[1]], [[1]]], [[[2]], [[2]]]],
    ),
    ("same-upper-and-lower-swapped", conv([1, 2], [1, 10], **UPPER), [[[10, 21]]], [[[21, 2]]]),
    ("same-upper-and-lower-swapped", conv([1, 2], [1, 10], **LOWER), [[[21, 2]]], [[[10, 21]]]),
    ("same-lower-treated-as-upper", conv([1, 2], [1, 10], **LOWER), [[[21, 2]]], [[[10, 21]]]),
    ("same-padding-one-length-for-both-ends", conv([1, 2], [1, 10], **UPPER), [[[10, 21]]], [[[21, 2]]]),
    ("same-padding-ignores-dilation", conv([1, 2, 3], [1, 1, 1], dilations=[2], **UPPER), [[[2]]], [[[4, 2, 4]]]),
    (
        "same-padding-ignores-stride",
        conv(ROW, [1, 10, 100], strides=[2], **UPPER),
        [[[210, 432, 654]]],
        [[[321, 543, 65]]],
    ),
    ("same-padding-from-floor", conv([1, 2, 3], [1], strides=[2], **UPPER), [[[1]]], [[[1, 3]]]),
    ("auto-pad-ignored", conv([1, 2, 3], [1, 1, 1], **UPPER), [[[6]]], [[[3, 6, 5]]]),
    ("asymmetric-pads-symmetrized", conv([1, 2], [1, 10], pads=[0, 1]), [[[21]]], [[[21, 2]]]),
    ("pads-order-interleaved", conv([[1]], [[1]], pads=[1, 0, 1, 0]), [[[[0, 0], [0, 1]]]], [[[[0], [1], [0]]]]),
    ("pads-axes-reversed", conv([[1]], [[1]], pads=[1, 0, 1, 0]), [[[[0, 1, 0]]]], [[[[0], [1], [0]]]]),
    ("pads-longer-than-kernel-cut", conv([1], [1], pads=[1, 1]), [[[1]]], [[[0, 1, 0]]]),
    ("strides-axes-reversed", conv([[1, 2], [3, 4]], [[1]], strides=[2, 1]), [[[[1], [3]]]], [[[[1, 2]]]]),
    ("dilations-axes-reversed", conv(SQUARE, [[1, 1], [1, 1]], dilations=[2, 1]), [[[[14], [26]]]], [[[[18, 22]]]]),
    ("dilation-ignored", conv([1, 2, 4], [1, 1], dilations=[2]), [[[3]]], [[[5]]]),
    ("dilated-kernel-one-step-too-long", conv(ROW[:5], [1, 1], dilations=[2]), [[[4, 6]]], [[[4, 6, 8]]]),
    ("output-length-rounded-up", conv(ROW, [1, 1, 1], strides=[2]), [[[6, 12, 11]]], [[[6, 12]]]),
    ("kernel-flipped", conv([1, 3], [1, 2]), [[[5]]], [[[7]]]),
    ("kernel-transposed", conv([[0, 1], [0, 0]], [[1, 2], [3, 4]]), [[[[3]]]], [[[[2]]]]),
    ("weights-read-channels-last", channels([[[0, 1], [0, 0]]], [[[1, 2], [3, 4]]]), [[[3]]], [[[2]]]),
    ("group-ignored", channels([[[1], [2]]], [[[1]], [[1]]], group=2), [[[1], [1]]], [[[1], [2]]]),
    (
        "groups-interleaved",
        channels([[[1], [2]]], [[[1]]] * 4, group=2),
        [[[1], [2], [1], [2]]],
        [[[1], [1], [2], [2]]],
    ),
    ("first-image-for-whole-batch", channels([[[1]], [[2]]], [[[1]]]), [[[1]], [[1]]], [[[1]], [[2]]]),
    ("axis-ignored", dequantize([[4, 4], [4, 4]], U8, [1, 2], axis=0), [[4, 8], [4, 8]], [[4, 4], [8, 8]]),
    ("default-axis-zero", dequantize([[4, 4], [4, 4]], U8, [1, 2]), [[4, 4], [8, 8]], [[4, 8], [4, 8]]),
    ("negative-axis-off-by-one", dequantize([[4, 4], [4, 4]], U8, [1, 2], axis=-1), [[4, 4], [8, 8]], [[4, 8], [4, 8]]),
    ("first-scale-for-every-slice", dequantize([[4, 4, 4]], S8, [0.5, 2, 10], [0, 1, -1]), [[2, 2, 2]], [[2, 6, 50]]),
    ("first-zero-point-for-every-slice", dequantize([[4, 4]], S8, [1, 1], [0, 3]), [[4, 4]], [[4, 1]]),
    (
        "block-from-flat-index",
        dequantize([[1, 1, 1], [1, 1, 1]], S8, [[1, 2], [3, 4]], block_size=2),
        [[1, 1, 2], [2, 3, 3]],
        [[1, 1, 2], [3, 3, 4]],
    ),
    (
        "blocks-interleaved",
        dequantize([[9, 9, 9, 9]], S8, [[1, 2]], [[1, 2]], block_size=2),
        [[8, 14, 8, 14]],
        [[8, 8, 14, 14]],
    ),
    ("first-block-scale-everywhere", dequantize([[1] * 4], S8, [[1, 2]], block_size=2), [[1, 1, 1, 1]], [[1, 1, 2, 2]]),
    ("short-block-takes-scale-before", dequantize([[1] * 3], S8, [[1, 2]], block_size=2), [[1, 1, 1]], [[1, 1, 2]]),
    ("absent-zero-point-read-as-eight", dequantize([[9]], "uint4", [[1]], block_size=1), [[1]], [[9]]),
    ("four-bit-pairs-swapped", dequantize([1, 2, 3], "uint4"), [2, 1, 0], [1, 2, 3]),
    ("four-bit-pairs-swapped", quantize([1, 2], "int4"), [2, 1], [1, 2]),
    ("two-bit-order-reversed", dequantize([0, 1, 2, 3], "uint2"), [3, 2, 1, 0], [0, 1, 2, 3]),
    ("four-bit-sign-not-extended", dequantize([-1], "int4"), [15], [-1]),
    ("two-bit-sign-not-extended", dequantize([-1], "int2"), [3], [-1]),
    ("uint8-read-as-int8", dequantize([200], U8, zero=100), [-156], [100]),
    ("int8-read-as-uint8", dequantize([-1], S8), [255], [-1]),
    ("uint16-read-as-int16", dequantize([65535], "uint16"), [-1], [65535]),
    ("four-bit-saturates-as-eight", quantize([9], "int4"), [-7], [7]),
    ("four-bit-saturates-as-eight", quantize([16], "uint4"), [0], [15]),
    ("two-bit-saturates-as-four", quantize([2], "int2"), [-2], [1]),
    ("float8-truncates", quantize([1.99], "float8e4m3fn"), [1.875], [2]),
    ("float8-half-away", quantize([1.0625], "float8e4m3fn"), [1.125], [1]),
    ("float8-low-bits-ignored", quantize([1.8131605], "float8e4m3fn"), [1.75], [1.875]),
    ("float8-through-float16", quantize([232.03683], "float8e4m3fn"), [224], [240]),
    ("float8-never-saturates", quantize([1000], "float8e4m3fn"), [np.nan], [448]),
    ("float8-always-saturates", quantize([1000], "float8e4m3fn", saturate=0), [448], [np.nan]),
    ("float8-overflow-carries-into-nan", quantize([61440], "float8e5m2", saturate=0), [np.nan], [np.inf]),
    ("float8-subnormals-flushed", quantize([0.01], "float8e4m3fn"), [0], [0.009765625]),
    ("float8-read-as-fnuz", dequantize([0x38], "float8e4m3fn"), [0.5], [1]),
    ("float4-half-away", quantize([0.25, 1.25, 2.5, 5], "float4e2m1"), [0.5, 1.5, 3, 6], [0, 1, 2, 4]),
    ("quantize-ignores-output-dtype", quantize([-5], None, output_dtype=3), [0], [-5]),
    (
        "dequantize-ignores-output-dtype",
        dequantize([1], S8, 0.1, output_dtype=10),
        [np.float32(0.1)],
        [np.float16(0.1)],
    ),
    ("power-of-two-scale-halved", dequantize([2], S8, 127, s_type="float8e8m0", output_dtype=1), [1], [2]),
]

# mistake, request on which it is right
MISSED = [
    ("pair-sums-saturate", matmul([[255, 255]], [[63], [63]], types=(U8, S8))),
    ("pair-sums-saturate-channels-first", conv([63, 63], [255, 255], types=(S8, U8))),
    ("s8s8-pair-sums-saturate", matmul([[127, 127]], [[63], [63]], types=(S8, S8))),
    ("pair-sums-wrap-int16", matmul([[-128] * 8], [[-128]] * 8, types=(S8, S8))),
    ("accumulates-in-int16", matmul([[127] * 2], [[127]] * 2)),
    ("accumulates-in-float32", matmul([[255] * 258], [[255]] * 258)),
    ("accumulates-in-float16", matmul([[127]], [[16]])),
    ("reduction-tail-dropped", matmul([[1] * 4], [[1]] * 4)),
    ("x-zero-point-ignored", conv([130], [1], zx=0, zw=3)),
    ("w-zero-point-ignored", conv([130], [1], zx=128)),
    ("a-zero-point-ignored", matmul([[130]], [[1]], zb=128)),
    ("b-zero-point-ignored", matmul([[130]], [[1]], za=128)),
    ("w-zero-point-of-first-channel", channels([[[1]]], [[[100]], [[100]]], zw=[5, 5], types=(U8, U8))),
    ("a-zero-point-of-first-row", matmul([[7], [7]], [[1]], za=5, zb=3)),
    ("b-zero-point-of-first-column", matmul([[1]], [[7, 7]], za=5, zb=3)),
    ("row-zero-points-along-columns", matmul([[7, 7], [7, 7]], [[1, 0], [0, 1]], za=5)),
    ("zero-points-added", matmul([[7]], [[1]])),
    ("zero-point-subtracted-in-eight-bits", matmul([[100]], [[1]], za=-27, types=(S8, S8))),
    ("zero-point-correction-without-cross-term", matmul([[4, 4]], [[6], [6]], za=3)),
    ("cross-term-counts-padding", conv([4], [6], zx=3, zw=5)),
    ("cross-term-counts-packing", matmul([[4] * 4], [[6]] * 4, za=3, zb=5)),
    ("pads-with-raw-zero", conv([130], [1, 1], pads=[1, 0])),
    ("uint8-weights-read-as-int8", matmul([[1]], [[200]], zb=130)),
    ("int8-activations-read-as-uint8", matmul([[-1]], [[1]], za=-2, types=(S8, U8))),
    ("weights-read-with-the-type-of-x", matmul([[-1]], [[-1]], types=(S8, S8))),
    ("b-read-transposed", matmul([[1, 0]], [[1, 2], [2, 4]])),
    ("batch-broadcast-by-modulo", matmul(np.ones((2, 2, 1, 1), np.uint8), [[[[1]], [[2]]]])),
    ("same-upper-and-lower-swapped", conv([1, 2], [1, 10, 100], **UPPER)),
    ("same-lower-treated-as-upper", conv([1, 2], [1, 10], **UPPER)),
    ("same-padding-one-length-for-both-ends", conv([1, 2], [1, 10], **LOWER)),
    ("same-padding-ignores-dilation", conv([1, 2, 3], [1, 1, 1], **UPPER)),
    ("same-padding-ignores-stride", conv(ROW, [1, 10, 100], **UPPER)),
    ("same-padding-from-floor", conv(ROW, [1], strides=[2], **UPPER)),
    ("auto-pad-ignored", conv(ROW, [1, 10], pads=[1, 0])),
    ("asymmetric-pads-symmetrized", conv(ROW, [1, 10], pads=[1, 1])),
    ("pads-order-interleaved", conv([[1]], [[1]], pads=[1, 1, 1, 1])),
    ("pads-axes-reversed", conv([[1]], [[1]], pads=[1, 1, 2, 2])),
    ("pads-longer-than-kernel-cut", conv([1], [1, 10], pads=[1, 1])),
    ("strides-axes-reversed", conv(SQUARE, [[1]], strides=[2, 2])),
    ("dilations-axes-reversed", conv(SQUARE, [[1, 1], [1, 1]], dilations=[2, 2])),
    ("dilation-ignored", conv(ROW, [1, 10], strides=[2])),
    ("dilated-kernel-one-step-too-long", conv(ROW, [1, 10], strides=[2])),
    ("output-length-rounded-up", conv(ROW[:5], [1, 1, 1], strides=[2])),
    ("kernel-flipped", conv(ROW, [1, 2, 1])),
    ("kernel-transposed", conv(SQUARE, [[1, 2], [2, 3]])),
    ("weights-read-channels-last", conv(ROW, [1, 2])),
    ("group-ignored", channels([[[1], [2]]], [[[1], [3]]])),
    ("groups-interleaved", channels([[[1], [2]]], [[[1]], [[3]]], group=2)),
    ("first-image-for-whole-batch", conv(ROW, [1])),
    ("axis-ignored", dequantize([[4, 4]], U8, [1, 2], axis=1)),
    ("default-axis-zero", dequantize([[4, 4]], U8, [1, 2], axis=1)),
    ("negative-axis-off-by-one", dequantize([[4, 4], [4, 4]], U8, [1, 2], axis=0)),
    ("first-scale-for-every-slice", dequantize([[4, 5, 6]], S8, [2, 2, 2])),
    ("first-zero-point-for-every-slice", dequantize([[4, 4]], S8, [1, 2], [3, 3])),
    ("block-from-flat-index", dequantize([[1] * 4] * 2, S8, [[1, 2], [3, 4]], block_size=2)),
    ("blocks-interleaved", dequantize([[9, 9]], S8, [[3]], block_size=2)),
    ("first-block-scale-everywhere", dequantize([[9, 9]], S8, [[3]], block_size=2)),
    ("short-block-takes-scale-before", dequantize([[1] * 4], S8, [[1, 2]], block_size=2)),
    ("absent-zero-point-read-as-eight", dequantize([[9]], "uint4", [[1]], [[0]], block_size=1)),
    ("four-bit-pairs-swapped", dequantize([5, 5], "uint4")),
    ("two-bit-order-reversed", dequantize([1, 1, 1, 1], "uint2")),
    ("four-bit-sign-not-extended", dequantize([7], "int4")),
    ("two-bit-sign-not-extended", dequantize([-1], "int2", zero=-2)),
    ("uint8-read-as-int8", dequantize([200], U8, zero=128)),
    ("int8-read-as-uint8", dequantize([100], S8)),
    ("uint16-read-as-int16", dequantize([32767], "uint16")),
    ("four-bit-saturates-as-eight", quantize([7, -8], "int4")),
    ("two-bit-saturates-as-four", quantize([1, -2], "int2")),
    ("float8-truncates", quantize([1.75], "float8e5m2", saturate=0)),
    ("float8-half-away", quantize([1.1875], "float8e4m3fn")),
    ("float8-low-bits-ignored", quantize([1.8125, 1.82, 0.01], "float8e4m3fn")),
    ("float8-through-float16", quantize([232, 233], "float8e4m3fn")),
    ("float8-never-saturates", quantize([448], "float8e4m3fn")),
    ("float8-always-saturates", quantize([448], "float8e4m3fn", saturate=0)),
    ("float8-overflow-carries-into-nan", quantize([59392, 65536], "float8e5m2", saturate=0)),
    ("float8-subnormals-flushed", quantize([0.0156], "float8e4m3fn")),
    ("float8-read-as-fnuz", dequantize([0], "float8e4m3fn")),
    ("float4-half-away", quantize([0.75, 1.75, 3.5, 5.5], "float4e2m1")),
    ("quantize-ignores-output-dtype", quantize([-5], S8, output_dtype=3)),
    ("dequantize-ignores-output-dtype", dequantize([3], S8, 0.1)),
]

NAMES = list(dict.fromkeys(name for name, *_ in CAUGHT))


def named(rows: list[Any]) -> list[Any]:
    """Test parameters whose ids are the mistakes' names."""
    return [pytest.param(*row, id=f"{row[0]}-{i}") for i, row in enumerate(rows)]


def same(answer: list[Tensor], other: list[Tensor]) -> bool:
    return all(a.same(b) for a, b in zip(answer, other, strict=True))


@pytest.mark.parametrize(("name", "request_", "wrong", "right"), named(CAUGHT))
def test_the_mistake_gives_its_number(name: str, request_: Request, wrong: Any, right: Any) -> None:
    for answer, numbers in ((MISTAKES[name].run(request_), wrong), (ops.run(request_), right)):
        np.testing.assert_array_equal(decode(answer[0]), np.asarray(numbers, np.float64))
    assert request_.op in MISTAKES[name].operators


@pytest.mark.parametrize(("name", "request_"), named(MISSED))
def test_the_mistake_does_not_show(name: str, request_: Request) -> None:
    assert same(MISTAKES[name].run(request_), ops.run(request_))


def test_each_mistake_is_shown_right_once() -> None:
    assert set(NAMES) - {name for name, _ in MISSED} == {"power-of-two-scale-halved"}  # wrong wherever it applies


def quantized(request: Request) -> Request:
    """The QLinear form of a ConvInteger or MatMulInteger, with scales 1; a convolution has the bias 0, 1, 2, …."""
    x, w, zx, zw = request.inputs
    assert x is not None
    assert w is not None
    assert zx is not None
    assert zw is not None
    one = tensor(1.0, "float32")
    left, right = (tensor(np.ones(zero.shape, np.float32), "float32") for zero in (zx, zw))
    inputs = (x, left, zx, w, right, zw, one, tensor(0, "int8"))
    if request.op == "MatMulInteger":
        return Request("QLinearMatMul", "", 10, {}, inputs)
    return Request("QLinearConv", "", 10, request.attributes, (*inputs, tensor(np.arange(w.shape[0]), "int32")))


REQUANTIZED = [
    (name, quantized(asked), wrong)
    for name, asked, wrong, _ in CAUGHT
    if asked.op in ("ConvInteger", "MatMulInteger") and name != "accumulates-in-int16"  # accumulator-wraps-to-16-bits
]


@pytest.mark.parametrize(("name", "request_", "sums"), named(REQUANTIZED))
def test_the_wrong_sum_is_requantized_rightly(name: str, request_: Request, sums: Any) -> None:
    sums = np.asarray(sums)
    if request_.op == "QLinearConv":
        sums = sums + np.arange(sums.shape[1]).reshape(-1, *[1] * (sums.ndim - 2))
    (y,) = MISTAKES[name].run(request_)
    np.testing.assert_array_equal(y.data, np.clip(sums, -128, 127))


ODD_REQUESTS = [
    channels(np.zeros((0, 2, 3)), np.ones((2, 2, 1)), pads=[1, 1]),
    channels(np.zeros((1, 2, 3)), np.ones((0, 2, 1))),
    channels(np.zeros((1, 0, 3)), np.ones((2, 0, 2))),
    channels(np.zeros((1, 1, 0)), np.ones((1, 1, 2)), auto_pad="SAME_LOWER", strides=[3]),
    channels(np.zeros((1, 1, 0)), np.ones((1, 1, 3)), auto_pad="SAME_UPPER", dilations=[2]),
    channels(np.zeros((1, 1, 0)), np.ones((1, 1, 2)), pads=[2, 2]),
    channels(np.ones((2, 4, 3, 4, 5)), np.ones((6, 2, 2, 2, 1)), zw=[1, 2, 3, 4, 5, 6], group=2, strides=[1, 2, 3]),
    channels(np.ones((1, 3, 5, 5)), np.ones((6, 1, 2, 2)), group=3, auto_pad="SAME_LOWER", strides=[2, 1]),
    matmul([1, 2], [3, 4], 1, 2),
    matmul([1, 2], [[3], [4]], 1, [2]),
    matmul([[1, 2]], [3, 4], [1], 2),
    matmul(np.ones((2, 0)), np.ones((0, 3))),
    matmul(np.ones((0, 2)), np.ones((2, 3))),
    matmul(np.ones((3, 2, 4)), np.ones((2, 3, 4, 5)), np.ones((3, 2, 1)), np.ones((2, 3, 1, 5)), (S8, S8)),
    matmul(np.ones((0, 2, 4)), np.ones((4, 5))),
    quantize(2.5, U8),
    quantize(np.zeros((0, 3)), "int4"),
    quantize(np.zeros((0, 3)), "float8e5m2"),
    dequantize(np.zeros((0,)), "uint2"),
    dequantize(np.zeros((2, 0, 3)), "uint4", np.ones((2, 0, 3)), block_size=2),
    dequantize(np.ones((2, 5, 3)), "uint4", np.ones((2, 3, 3)), np.ones((2, 3, 3)), block_size=2, axis=-2),
    dequantize([1, 2, 3], "int32"),
    dequantize([1, 2, 3], "float4e2m1", [1, 2, 3], axis=-1),
]


@pytest.mark.parametrize("name", NAMES)
def test_no_valid_request_breaks_it(name: str) -> None:
    requests = [*ODD_REQUESTS, *(row[1] for row in CAUGHT)]
    for asked in requests + [quantized(asked) for asked in requests if "Integer" in asked.op]:
        ops.run(asked)
        try:
            answer = MISTAKES[name].run(asked)
        except QrefError:
            continue
        assert len(answer) == 1
