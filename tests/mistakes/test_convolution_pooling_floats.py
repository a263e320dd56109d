"""Mistakes in algorithms of convolution, transposed convolution, float products, pooling and BatchNormalization."""

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

F16, F32 = "float16", "float32"


def floats(values: Any, dtype: str = F32) -> Tensor:
    return encode(np.asarray(values, np.float64), dtype)


def asked(op: str, inputs: Sequence[Any], dtype: str = F32, outputs: int = 1, **attributes: Any) -> Request:
    tensors = tuple(None if x is None else floats(x, dtype) for x in inputs)
    return Request(op, "", 22 if op in ("Conv", "MaxPool", "AveragePool") else 13, attributes, tensors, outputs)


def conv(x: Any, w: Any, b: Any = None, dtype: str = F32, **attributes: Any) -> Request:
    """Conv of x [N, C, D1, …] with w [M, C/group, k1, …]."""
    return asked("Conv", [x, w, *([] if b is None else [b])], dtype, **attributes)


def plane(x: Any, w: Any, b: Any = None, dtype: str = F32, **attributes: Any) -> Request:
    """Conv of one image of one channel with one kernel."""
    return conv([[x]], [[w]], b, dtype, **attributes)


def bits(x: Any, w: Any, **attributes: Any) -> Request:
    """ConvInteger of int8 x [N, C, D] with w [M, C, k]."""
    return Request("ConvInteger", "", 10, attributes, (tensor(x, "int8"), tensor(w, "int8")))


def transposed(x: Any, w: Any, b: Any = None, **attributes: Any) -> Request:
    """ConvTranspose of x [N, C, D] with w [C, M/group, k], opset 11."""
    inputs = [floats(v) for v in (x, w, *([] if b is None else [b]))]
    return Request("ConvTranspose", "", 11, attributes, tuple(inputs))


def row(x: Any, w: Any, **attributes: Any) -> Request:
    """ConvTranspose of one row of pixels with one kernel."""
    return transposed([[x]], [[w]], **attributes)


def matmul(a: Any, b: Any, dtype: str = F32) -> Request:
    return asked("MatMul", [a, b], dtype)


def gemm(a: Any, b: Any, c: Any = None, **attributes: Any) -> Request:
    return asked("Gemm", [a, b, *([] if c is None else [c])], **attributes)


def largest(x: Any, k: Any, outputs: int = 1, **attributes: Any) -> Request:
    """MaxPool of x [N, C, D1, …]."""
    return asked("MaxPool", [x], outputs=outputs, kernel_shape=k, **attributes)


def mean(x: Any, k: Any, **attributes: Any) -> Request:
    """AveragePool of x [N, C, D1, …]."""
    return asked("AveragePool", [x], kernel_shape=k, **attributes)


def whole_mean(x: Any) -> Request:
    return Request("GlobalAveragePool", "", 22, {}, (floats(x),))


def normal(x: Any, scale: Any = (1,), b: Any = (0,), mean: Any = (0,), var: Any = (1,), **attributes: Any) -> Request:
    """BatchNormalization, epsilon 0 unless it is given."""
    inputs = tuple(floats(v) for v in (x, scale, b, mean, var))
    return Request("BatchNormalization", "", 15, {"epsilon": 0.0, **attributes}, inputs)


SQUARE = [[1, 2], [3, 4]]
ONES = np.ones((3, 3)).tolist()
CORNER = np.pad([[1.0]], (0, 2)).tolist()  # a 3×3 kernel whose first weight is 1
CENTRE = np.pad([[1.0]], 1).tolist()
AROUND: dict[str, Any] = {"pads": [1, 1, 1, 1]}
FIVE = np.arange(25.0).reshape(5, 5).tolist()
TINY = 1.1754943508222875e-38

# mistake, request, the wrong numbers, the right ones
CAUGHT = [
    (
        "mec-vertical-padding-forgotten",
        plane(SQUARE, [[1], [1]], pads=[1, 0, 0, 0]),
        [[[[4, 6], [3, 4]]]],
        [[[[1, 2], [4, 6]]]],
    ),
    (
        "mec-partition-clamped-to-the-image",
        plane(SQUARE, [[1], [1]], pads=[1, 0, 0, 0]),
        [[[[4, 6], [4, 6]]]],
        [[[[1, 2], [4, 6]]]],
    ),
    (
        "mec-partition-step-ignores-stride",
        plane([[1], [2], [3]], [[1]], strides=[2, 1]),
        [[[[1], [2]]]],
        [[[[1], [3]]]],
    ),
    (
        "mec-solution-a-left-in-hnwc",
        conv([[[[1], [2]]], [[[3], [4]]]], [[[[1]]]]),
        [[[[1], [3]]], [[[2], [4]]]],
        [[[[1], [2]]], [[[3], [4]]]],
    ),
    ("im2col-buffer-not-cleared", plane([[1], [2]], [[1], [1]], pads=[0, 0, 1, 0]), [[[[3], [4]]]], [[[[3], [2]]]]),
    (
        "padding-reads-neighbouring-memory",
        plane(SQUARE, [[1, 10]], pads=[0, 0, 0, 1]),
        [[[[21, 32], [43, 4]]]],
        [[[[21, 2], [43, 4]]]],
    ),
    ("winograd-tail-tile-dropped", plane([[5, 6, 7]] * 4, CORNER), [[[[0], [0]]]], [[[[5], [5]]]]),
    ("winograd-with-stride", plane(FIVE, CORNER, strides=[2, 2]), [[[[0, 1], [5, 6]]]], [[[[0, 2], [10, 12]]]]),
    (
        "winograd-transforms-in-float16",
        plane([[2048, 1, 1]] + [[0, 1, 1]] * 2, CORNER, dtype=F16),
        [[[[2047]]]],
        [[[[2048]]]],
    ),
    ("fft-wraps-around", plane([1, 2, 3], [1, 1], pads=[1, 0]), [[[4, 3, 5]]], [[[1, 3, 5]]]),
    ("stride-ignored", plane([1, 2, 3], [1], strides=[2]), [[[1, 2]]], [[[1, 3]]]),
    ("strides-and-dilations-swapped", plane([1, 2, 3, 4, 5], [1, 1], strides=[2]), [[[4, 6, 8]]], [[[3, 7]]]),
    ("blocked-input-channel-tail-dropped", conv([[[1], [1], [1], [1], [8]]], [[[1]] * 5]), [[[4]]], [[[12]]]),
    ("blocked-output-channel-tail-dropped", conv([[[1]]], [[[2]]] * 6, [3] * 6), [[[5]] * 4 + [[3]] * 2], [[[5]] * 6]),
    ("sparse-row-pointers-shifted", conv([[[1]]], [[[2]], [[3]]]), [[[3], [0]]], [[[2], [3]]]),
    (
        "sparse-stretched-with-unpadded-width",
        plane([[1, 2, 3, 4], [5, 6, 7, 8]], [[0, 0], [1, 0]], pads=[0, 1, 0, 1]),
        [[[[4, 0, 0, 5, 6]]]],
        [[[[0, 5, 6, 7, 8]]]],
    ),
    ("xnor-padding-counts-as-minus-one", bits([[[1]]], [[[1, 1]]], pads=[1, 0]), [[[0]]], [[[1]]]),
    ("xnor-padding-counts-as-minus-one", plane([1], [1, 1], pads=[1, 0]), [[[0]]], [[[1]]]),
    ("xnor-tail-bits-counted", bits([[[1], [1], [-1]]], [[[1]] * 3]), [[[11]]], [[[1]]]),
    ("xnor-popcount-not-doubled", bits([[[1], [-1], [-1]]], [[[1]] * 3]), [[[1]]], [[[-1]]]),
    (
        "group-offset-by-output-channels",
        conv([[[1], [2], [3], [4]]], [[[1], [0]]] * 6, group=2),
        [[[1]] * 3 + [[4]] * 3],
        [[[1]] * 3 + [[3]] * 3],
    ),
    ("first-group-kernels-everywhere", conv([[[1], [1]]], [[[1]], [[2]]], group=2), [[[1], [1]]], [[[1], [2]]]),
    (
        "depthwise-multiplier-outermost",
        conv([[[1], [2]]], [[[1]]] * 4, group=2),
        [[[1], [2], [1], [2]]],
        [[[1], [1], [2], [2]]],
    ),
    (
        "bias-restarts-in-each-group",
        conv([[[0], [0]]], [[[1]]] * 4, [10, 20, 30, 40], group=2),
        [[[10], [20]] * 2],
        [[[10], [20], [30], [40]]],
    ),
    (
        "bias-restarts-in-each-group",
        transposed([[[0], [0]]], [[[1]]] * 2, [10, 20], group=2),
        [[[10], [10]]],
        [[[10], [20]]],
    ),
    (
        "bias-indexed-by-image",
        conv([[[0]], [[0]]], [[[1]]] * 2, [10, 20]),
        [[[10], [10]], [[20], [20]]],
        [[[10], [20]]] * 2,
    ),
    ("bias-added-in-each-channel-block", conv(np.zeros((1, 20, 1)), np.ones((1, 20, 1)), [5]), [[[15]]], [[[5]]]),
    ("transposed-pads-not-cropped", row([1, 2, 4], [1, 1, 1], pads=[1, 1]), [[[1, 3, 7, 6, 4]]], [[[3, 7, 6]]]),
    ("transposed-pads-begin-and-end-swapped", row([1, 2, 4], [1, 1], pads=[1, 0]), [[[1, 3, 6]]], [[[3, 6, 4]]]),
    (
        "transposed-output-padding-at-the-beginning",
        row([1, 2], [1], strides=[2], output_padding=[1]),
        [[[0, 1, 0, 2]]],
        [[[1, 0, 2, 0]]],
    ),
    (
        "transposed-output-padding-filled-with-zeros",
        row([1], [5, 6, 7], strides=[2], pads=[1, 1], output_padding=[1]),
        [[[6, 0]]],
        [[[6, 7]]],
    ),
    (
        "transposed-output-padding-ignored",
        row([1, 2], [1], strides=[2], output_padding=[1]),
        [[[1, 0, 2]]],
        [[[1, 0, 2, 0]]],
    ),
    (
        "transposed-output-shape-ignored",
        row([1, 2], [1, 1, 1], strides=[2], output_shape=[4]),
        [[[1, 1, 3, 2, 2]]],
        [[[1, 3, 2, 2]]],
    ),
    (
        "transposed-output-shape-split-as-upper",
        row([1, 2], [1, 1, 1], strides=[2], output_shape=[4]),
        [[[1, 1, 3, 2]]],
        [[[1, 3, 2, 2]]],
    ),
    (
        "transposed-same-ends-swapped",
        row([1, 2], [1, 1, 1], strides=[2], auto_pad="SAME_UPPER"),
        [[[1, 3, 2, 2]]],
        [[[1, 1, 3, 2]]],
    ),
    (
        "transposed-weights-read-as-convolution",
        transposed([[[1], [0]]], [[[0], [1], [2]], [[3], [4], [5]]]),
        [[[0], [2], [4]]],
        [[[0], [1], [2]]],
    ),
    ("transposed-dilation-ignored", row([1], [1, 2], dilations=[2]), [[[1, 2, 0]]], [[[1, 0, 2]]]),
    ("transposed-overlaps-overwritten", row([1, 2], [1, 1]), [[[1, 2, 2]]], [[[1, 3, 2]]]),
    ("sums-in-float16", matmul([[2048, 1]], [[1], [1]]), [[2048]], [[2049]]),
    ("sums-in-float16", row([2048, 1], [1, 1]), [[[2048, 2048, 1]]], [[[2048, 2049, 1]]]),
    ("long-sums-in-sixteen-bits", matmul(np.ones((1, 4096)), np.ones((4096, 1)), F16), [[2048]], [[4096]]),
    ("long-sums-in-sixteen-bits", matmul(np.ones((1, 4096)), np.ones((4096, 1)), "bfloat16"), [[256]], [[4096]]),
    ("operands-in-bfloat16", matmul([[1 + 2.0**-8]], [[1]]), [[1]], [[1 + 2.0**-8]]),
    ("operands-in-tf32", matmul([[1 + 2.0**-11]], [[1]]), [[1]], [[1 + 2.0**-11]]),
    ("weights-in-float16", plane([1], [100000]), [[[np.inf]]], [[[100000]]]),
    ("bias-in-float16", plane([0], [1], [2049]), [[[2048]]], [[[2049]]]),
    ("overflow-saturates", matmul([[256]], [[256]], F16), [[65504]], [[np.inf]]),
    ("gemm-alpha-ignored", gemm([[2]], [[3]], [[1]], alpha=0.5), [[7]], [[4]]),
    ("gemm-beta-ignored", gemm([[2]], [[3]], [[4]], beta=0.5), [[10]], [[8]]),
    ("gemm-alpha-scales-c", gemm([[2]], [[3]], [[1]], alpha=2.0), [[14]], [[13]]),
    ("gemm-alpha-and-beta-swapped", gemm([[2]], [[3]], [[1]], alpha=2.0, beta=3.0), [[20]], [[15]]),
    ("gemm-trans-a-ignored", gemm(SQUARE, [[1], [0]], transA=1), [[1], [3]], [[1], [2]]),
    ("gemm-trans-b-ignored", gemm([[1, 0]], SQUARE, transB=1), [[1, 2]], [[1, 3]]),
    ("gemm-c-transposed", gemm([[0], [0]], [[0, 0]], [1, 2]), [[1, 1], [2, 2]], [[1, 2], [1, 2]]),
    ("gemm-c-transposed", gemm([[0], [0]], [[0, 0]], [[1], [2]]), [[1, 2], [1, 2]], [[1, 1], [2, 2]]),
    ("gemm-c-broadcast-by-modulo", gemm([[0], [0]], [[0, 0]], [[1], [2]]), [[1, 2], [1, 2]], [[1, 1], [2, 2]]),
    ("product-column-tail-dropped", matmul([[1]], [[1] * 6]), [[1, 1, 1, 1, 0, 0]], [[1] * 6]),
    ("first-matrix-for-whole-batch", matmul([[[1]], [[1]]], [[[1]], [[2]]]), [[[1]], [[1]]], [[[1]], [[2]]]),
    ("average-counts-padding", mean([[[4, 2]]], [2], pads=[1, 0]), [[[2, 3]]], [[[4, 3]]]),
    (
        "average-ignores-count-include-pad",
        mean([[[4, 2]]], [2], pads=[1, 0], count_include_pad=1),
        [[[4, 3]]],
        [[[2, 3]]],
    ),
    (
        "average-counts-the-overhang",
        mean([[[1, 2, 3, 4, 5]]], [2], strides=[2], ceil_mode=1, count_include_pad=1),
        [[[1.5, 3.5, 2.5]]],
        [[[1.5, 3.5, 5]]],
    ),
    ("ceil-mode-ignored", largest([[[1, 2, 3, 4, 5, 6]]], [3], strides=[2], ceil_mode=1), [[[3, 5]]], [[[3, 5, 6]]]),
    (
        "ceil-mode-keeps-windows-in-the-padding",
        largest([[[1, 2, 3, 4, 5]]], [3], strides=[3], pads=[1, 1], ceil_mode=1),
        [[[2, 5, np.finfo(np.float32).min]]],
        [[[2, 5]]],
    ),
    ("pool-dilation-ignored", largest([[[1, 5, 2]]], [2], dilations=[2]), [[[5]]], [[[2]]]),
    ("pool-strides-default-to-kernel", largest([[[1, 2, 3, 4]]], [2]), [[[2, 4]]], [[[2, 3, 4]]]),
    ("max-pool-pads-with-zero", largest([[[-1, -2]]], [2], pads=[1, 0]), [[[0, -1]]], [[[-1, -1]]]),
    ("max-pool-starts-at-zero", largest([[[-3, -1]]], [2]), [[[0]]], [[[-1]]]),
    ("max-pool-starts-at-smallest-positive", largest([[[-3, 0]]], [2]), [[[TINY]]], [[[0]]]),
    ("global-average-channels-last", whole_mean([[[1, 2], [3, 4]]]), [[[2], [3]]], [[[1.5], [3.5]]]),
    ("global-average-over-two-dimensions", whole_mean([[[1, 2], [3, 4]]]), [[[2.5]]], [[[1.5], [3.5]]]),
    ("batch-norm-epsilon-outside-the-root", normal([[16]], var=[9], epsilon=7.0), [[1.6]], [[4]]),
    ("batch-norm-epsilon-ignored", normal([[12]], var=[9], epsilon=7.0), [[4]], [[3]]),
    (
        "batch-norm-default-epsilon",
        normal([[12]], var=[9], epsilon=7.0),
        [[12 / np.sqrt(9 + np.float64(np.float32(1e-5)))]],
        [[3]],
    ),
    ("batch-norm-variance-as-deviation", normal([[8]], var=[4]), [[2]], [[4]]),
    ("batch-norm-mean-and-variance-swapped", normal([[5]], mean=[1], var=[4]), [[1]], [[2]]),
    ("batch-norm-bias-before-scale", normal([[3]], scale=[2], b=[1]), [[8]], [[7]]),
    ("batch-norm-by-batch-statistics", normal([[1], [3]]), [[-1], [1]], [[1], [3]]),
    (
        "batch-norm-along-last-axis",
        normal([SQUARE], *[[1, 2], [0, 0], [0, 0], [1, 1]]),
        [[[1, 4], [3, 8]]],
        [[[1, 2], [6, 8]]],
    ),
]

TWO_CHANNELS = [[[0, 5], [9, 1]]]
# mistake, request, the wrong indices, the right ones
INDICES = [
    ("max-pool-indices-without-channel-offset", largest(TWO_CHANNELS, [2], 2), [[[1], [0]]], [[[1], [2]]]),
    ("max-pool-indices-of-the-padded-image", largest([[[7, 5]]], [2], 2, pads=[1, 0]), [[[1, 1]]], [[[0, 0]]]),
    ("max-pool-indices-channels-last", largest(TWO_CHANNELS, [2], 2), [[[2], [1]]], [[[1], [2]]]),
    ("max-pool-storage-order-ignored", largest([[[[0, 5], [1, 2]]]], [2, 2], 2, storage_order=1), [[[[1]]]], [[[[2]]]]),
]

# mistake, request on which it is right
MISSED = [
    ("mec-vertical-padding-forgotten", plane(FIVE, ONES, pads=[0, 1, 0, 1])),
    ("mec-partition-clamped-to-the-image", plane(FIVE, ONES, pads=[0, 1, 2, 1])),
    ("mec-partition-step-ignores-stride", plane(FIVE, ONES, strides=[1, 2])),
    ("mec-solution-a-left-in-hnwc", plane(FIVE, ONES)),
    ("mec-solution-a-left-in-hnwc", conv(np.ones((2, 1, 2, 1)), np.arange(9.0).reshape(9, 1, 1, 1))),
    ("im2col-buffer-not-cleared", plane(FIVE, ONES, pads=[1, 1, 0, 1])),
    ("padding-reads-neighbouring-memory", plane(FIVE, ONES, pads=[1, 0, 1, 0])),
    ("winograd-tail-tile-dropped", plane([[5, 6, 7, 8]] * 4, CORNER)),
    ("winograd-tail-tile-dropped", plane(FIVE, ONES, strides=[2, 2])),
    ("winograd-with-stride", plane(FIVE, ONES, **AROUND)),
    ("winograd-with-stride", plane(FIVE, [[1, 2]], strides=[2, 2])),
    ("winograd-transforms-in-float16", plane(FIVE, CENTRE, dtype=F16, strides=[2, 2])),
    ("fft-wraps-around", plane(FIVE, ONES)),
    ("stride-ignored", plane(FIVE, ONES, **AROUND)),
    ("strides-and-dilations-swapped", plane(FIVE, [[1, 2]], strides=[2, 2], dilations=[2, 2])),
    ("blocked-input-channel-tail-dropped", conv([[[1], [2], [3]]], [[[1]] * 3])),
    ("blocked-output-channel-tail-dropped", conv([[[1]]], [[[2]]] * 8)),
    ("sparse-row-pointers-shifted", conv([[[1]]], [[[0]], [[0]]])),
    ("sparse-stretched-with-unpadded-width", plane(FIVE, ONES, strides=[2, 1])),
    ("xnor-padding-counts-as-minus-one", bits([[[1, -1]]], [[[1, 1]]])),
    ("xnor-tail-bits-counted", bits([[[1]] * 8], [[[-1]] * 8])),
    ("xnor-popcount-not-doubled", bits([[[1], [-1]]], [[[1], [-1]]])),
    ("group-offset-by-output-channels", conv([[[1], [2]]], [[[1]], [[3]]], group=2)),
    ("first-group-kernels-everywhere", conv([[[1], [2]]], [[[1], [3]]])),
    ("depthwise-multiplier-outermost", conv([[[1], [2]]], [[[1]], [[3]]], group=2)),
    ("bias-restarts-in-each-group", conv([[[1]]], [[[1]], [[3]]], [1, 2])),
    ("bias-indexed-by-image", conv([[[1]], [[2]]], [[[1]]], [7])),
    ("bias-added-in-each-channel-block", conv(np.ones((1, 8, 1)), np.ones((1, 8, 1)), [5])),
    ("transposed-pads-not-cropped", row([1, 2], [1, 1])),
    ("transposed-pads-begin-and-end-swapped", row([1, 2, 4], [1, 2, 3], pads=[1, 1])),
    ("transposed-output-padding-at-the-beginning", row([1, 2], [1, 2], pads=[1, 0])),
    ("transposed-output-padding-filled-with-zeros", row([1, 2], [1], strides=[2], output_padding=[1])),
    ("transposed-output-padding-ignored", row([1, 2], [1, 2], strides=[2])),
    ("transposed-output-shape-ignored", row([1, 2], [1, 2], strides=[2], output_shape=[4])),
    ("transposed-output-shape-split-as-upper", row([1, 2], [1, 2, 3], output_shape=[2])),
    ("transposed-same-ends-swapped", row([1, 2], [1, 2, 3], auto_pad="SAME_LOWER")),
    ("transposed-weights-read-as-convolution", transposed([[[1], [2]]], [[[1, 2]], [[3, 4]]])),
    ("transposed-dilation-ignored", row([1, 2], [1, 2], strides=[3])),
    ("transposed-overlaps-overwritten", row([1, 2], [1, 2], strides=[2], pads=[0, 1])),
    ("sums-in-float16", matmul([[2048, 2]], [[1], [1]])),
    ("long-sums-in-sixteen-bits", matmul([[1, 2]], [[3], [4]], F16)),
    ("operands-in-bfloat16", matmul([[255]], [[3]])),
    ("operands-in-tf32", matmul([[2047]], [[3]])),
    ("weights-in-float16", plane([100000], [3])),
    ("bias-in-float16", plane([100001], [1], [2048])),
    ("overflow-saturates", matmul([[256]], [[255]], F16)),
    ("overflow-saturates", matmul([[np.inf]], [[1]], F16)),
    ("gemm-alpha-ignored", gemm([[2]], [[3]], [[4]], beta=0.5)),
    ("gemm-beta-ignored", gemm([[2]], [[3]], [[4]], alpha=0.5)),
    ("gemm-alpha-scales-c", gemm([[2]], [[3]], alpha=0.5)),
    ("gemm-alpha-and-beta-swapped", gemm([[2]], [[3]], [[1]], alpha=2.0, beta=2.0)),
    ("gemm-trans-a-ignored", gemm(SQUARE, SQUARE, transB=1)),
    ("gemm-trans-b-ignored", gemm(SQUARE, SQUARE, transA=1)),
    ("gemm-c-transposed", gemm(SQUARE, SQUARE, SQUARE)),
    ("gemm-c-broadcast-by-modulo", gemm(SQUARE, SQUARE, [1, 2])),
    ("product-column-tail-dropped", matmul([[1]], [[1, 2, 3, 4]])),
    ("first-matrix-for-whole-batch", matmul([[[1]], [[2]]], [[3]])),
    ("average-counts-padding", mean([[[4, 2]]], [2])),
    ("average-ignores-count-include-pad", mean([[[4, 2]]], [2], pads=[1, 0])),
    ("average-counts-the-overhang", mean([[[4, 2]]], [2], pads=[1, 0], count_include_pad=1)),
    ("ceil-mode-ignored", largest([[[1, 2, 3]]], [2], ceil_mode=1)),
    ("ceil-mode-keeps-windows-in-the-padding", largest([[[1, 2, 3, 4]]], [3], strides=[2], ceil_mode=1)),
    ("pool-dilation-ignored", largest([[[1, 5, 2]]], [2], strides=[2], ceil_mode=1)),
    ("pool-strides-default-to-kernel", largest([[[1, 5, 2]]], [2], strides=[1])),
    ("max-pool-pads-with-zero", largest([[[-1, -2]]], [2])),
    ("max-pool-starts-at-zero", largest([[[-1, 2]]], [2])),
    ("max-pool-starts-at-smallest-positive", largest([[[-1, 2]]], [2])),
    ("max-pool-indices-without-channel-offset", largest([[[0, 5]]], [2], 2)),
    ("max-pool-indices-of-the-padded-image", largest(TWO_CHANNELS, [2], 2)),
    ("max-pool-indices-channels-last", largest([[[0, 5]]], [2], 2)),
    ("max-pool-storage-order-ignored", largest(TWO_CHANNELS, [2], 2)),
    ("global-average-channels-last", whole_mean([[[1, 2]]])),
    ("global-average-over-two-dimensions", whole_mean([[SQUARE]])),
    ("batch-norm-epsilon-outside-the-root", normal([[16]], var=[4])),
    ("batch-norm-epsilon-ignored", normal([[16]], var=[4])),
    ("batch-norm-default-epsilon", normal([[16]], var=[4], epsilon=float(np.float32(1e-5)))),
    ("batch-norm-variance-as-deviation", normal([[16]], scale=[3])),
    ("batch-norm-mean-and-variance-swapped", normal([[16]], mean=[1])),
    ("batch-norm-bias-before-scale", normal([[16]], b=[1])),
    ("batch-norm-by-batch-statistics", normal([[-1], [1]])),
    ("batch-norm-along-last-axis", normal([[[1, 2], [3, 4]]], [2, 2], [1, 1], [3, 3], [4, 4])),
]

NAMES = list(dict.fromkeys(name for name, *_ in CAUGHT + INDICES))


def named(rows: list[Any]) -> list[Any]:
    """Test parameters whose ids are the mistakes' names."""
    return [pytest.param(*each, id=f"{each[0]}-{i}") for i, each in enumerate(rows)]


@pytest.mark.parametrize(("name", "request_", "wrong", "right"), named(CAUGHT))
def test_the_mistake_gives_its_number(name: str, request_: Request, wrong: Any, right: Any) -> None:
    (y,), (golden,) = MISTAKES[name].run(request_), ops.run(request_)
    for answer, numbers in ((y, wrong), (golden, right)):
        np.testing.assert_array_equal(decode(answer), np.asarray(numbers, np.float64).astype(np.float32))
    assert y.dtype == golden.dtype
    assert request_.op in MISTAKES[name].operators


@pytest.mark.parametrize(("name", "request_", "wrong", "right"), named(INDICES))
def test_the_mistake_gives_its_indices(name: str, request_: Request, wrong: Any, right: Any) -> None:
    (y, indices), (golden, places) = MISTAKES[name].run(request_), ops.run(request_)
    assert y.same(golden)
    np.testing.assert_array_equal(indices.data, wrong)
    np.testing.assert_array_equal(places.data, right)
    assert (indices.dtype, indices.shape) == (places.dtype, places.shape)


@pytest.mark.parametrize(("name", "request_"), named(MISSED))
def test_the_mistake_does_not_show(name: str, request_: Request) -> None:
    assert all(y.same(golden) for y, golden in zip(MISTAKES[name].run(request_), ops.run(request_), strict=True))


def test_each_mistake_is_shown_right_once() -> None:
    assert {name for name, _ in MISSED} == set(NAMES)


NO_IMAGE, NO_CHANNEL = np.zeros((0, 2, 3, 3)), np.zeros((1, 0, 3, 3))
ODD_REQUESTS = [
    conv(NO_IMAGE, np.ones((2, 2, 3, 3)), [1, 2], **AROUND),
    conv(np.ones((1, 2, 3, 3)), np.zeros((0, 2, 3, 3))),
    conv(NO_CHANNEL, np.ones((2, 0, 3, 3)), [1, 2]),
    conv(np.zeros((1, 1, 0)), np.ones((1, 1, 2)), pads=[2, 2]),
    conv(np.ones((2, 4, 3, 4, 5)), np.ones((6, 2, 2, 2, 1)), np.ones(6), group=2, strides=[1, 2, 3]),
    conv(np.ones((2, 3, 5, 5)), np.ones((6, 1, 2, 2)), np.ones(6), "bfloat16", group=3, auto_pad="SAME_LOWER"),
    conv(np.ones((2, 3, 5, 5)), np.ones((5, 3, 3, 3)), np.ones(5), F16, pads=[3, 3, 3, 3], dilations=[2, 1]),
    plane([[np.inf, np.nan, -np.inf, 1]] * 3, [[1, 0, 2]] * 3, pads=[1, 1, 1, 1]),
    bits([[[1, -1]], [[1, 1]]], [[[1]], [[-1]]], pads=[1, 1]),
    bits(np.ones((1, 8, 1)), np.ones((0, 8, 1))),
    transposed(
        np.ones((2, 4, 3, 2)), np.ones((4, 3, 2, 3)), np.ones(6), group=2, strides=[2, 3], output_padding=[1, 2]
    ),
    transposed(np.ones((0, 1, 2)), np.ones((1, 1, 2))),
    transposed(np.ones((1, 1, 2)), np.ones((1, 0, 2)), np.ones(0)),
    row([np.inf, -np.inf], [1, 2], pads=[0, 1]),
    matmul([1, 2], [3, 4]),
    matmul([1, 2], np.ones((3, 2, 2))),
    matmul(np.ones((2, 1, 3, 0)), np.ones((4, 0, 2))),
    matmul([[np.inf, 1]], [[1], [-np.inf]], "bfloat16"),
    Request("MatMul", "", 13, {}, (tensor([[1, 2]], "uint64"), tensor([[3], [4]], "uint64"))),
    gemm(np.ones((2, 0)), np.ones((0, 3)), 5.0),
    gemm(np.ones((0, 2)), np.ones((2, 3)), np.ones((1, 3)), alpha=0.0),
    gemm(np.ones((3, 2)), np.ones((4, 3)), np.ones((2, 1)), transA=1, transB=1),
    Request("Gemm", "", 13, {}, tuple(tensor([[2]], "int32") for _ in range(3))),
    largest(np.ones((0, 1, 3)), [2], 2),
    largest(np.ones((2, 0, 3, 3)), [2, 2], 2, storage_order=1),
    largest(np.arange(48.0).reshape(2, 2, 3, 4), [2, 2], 2, auto_pad="SAME_UPPER", dilations=[2, 1], strides=[2, 2]),
    Request("MaxPool", "", 12, {"kernel_shape": [2]}, (tensor([[[-5, -6, 3]]], "int8"),), 2),
    mean(np.ones((0, 1, 3)), [2]),
    mean(np.ones((1, 2, 3, 3)), [2, 3], auto_pad="SAME_LOWER", count_include_pad=1),
    Request("AveragePool", "", 1, {"kernel_shape": [2], "pads": [1, 1]}, (floats([[[1, 2]]]),)),
    whole_mean(np.ones((0, 2, 3))),
    whole_mean(np.ones((1, 2, 3, 1, 2))),
    normal(np.ones((0, 1))),
    normal([1, 2], var=[0], epsilon=1e-5),
    Request("BatchNormalization", "", 7, {"spatial": 0}, tuple(floats(x) for x in ([[[1, 2]]], *[[[1, 2]]] * 4))),
]


@pytest.mark.parametrize("name", NAMES)
def test_no_valid_request_breaks_it(name: str) -> None:
    for odd in [*ODD_REQUESTS, *(each[1] for each in CAUGHT + INDICES)]:
        try:
            answer = MISTAKES[name].run(odd)
        except QrefError:
            continue
        assert odd.op in MISTAKES[name].operators
        assert [y.dtype for y in answer] == [y.dtype for y in ops.run(odd)]
