"""Conv: convolution of floats.

ONNX Conv-11: "The convolution operator consumes an input tensor and a filter, and computes the output." The text leaves
the order of the sum open; here it is the exact sum, rounded once. Padding adds nothing to a sum of finite numbers
(derived); what 0 · ∞ beside the image gives, where an engine stores its padding or does not, no text says.
"""

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qref.conv.direct import direct
from qref.conv.exact import exact
from qref.conv.geometry import Geometry
from qref.errors import NotFixed
from qref.numerics.exact_sums import exact_sum
from qref.numerics.floats import decode, encode, float_format
from qref.numerics.formats import Float
from qref.numerics.tensor import Tensor
from qref.ops.bound import ARITHMETIC, MAGNITUDE, Bound, Sums, magnitude, of_dot, subnormal_products
from qref.ops.check import require, same_dtype
from qref.ops.onnx.auto_pad import ATTRIBUTES, geometry
from qref.ops.onnx.float_types import listed, numbers
from qref.ops.operator import Operator

Array = NDArray[np.float64]


def conv(
    X: Tensor,
    W: Tensor,
    B: Tensor | None = None,
    *,
    auto_pad: str = "NOTSET",
    dilations: Sequence[int] | None = None,
    group: int = 1,
    kernel_shape: Sequence[int] | None = None,
    pads: Sequence[int] | None = None,
    strides: Sequence[int] | None = None,
    opset: int = 22,
) -> Tensor:
    """Y[n, m, p] = Σ_c Σ_r X[n, g·C/G + c, s·p + d·r − b] · W[m, c, r] + B[m], each rounded once, of X's type.

    Args:
        X: [N, C, D1, …] float16, float32 or, from opset 22, bfloat16. W: [M, C/group, k1, …]. B: [M]. All of one type.

    Raises:
        InvalidInput: types, shapes or attributes that the text rejects.
        NotFixed: padding beside weights that are ±∞ or NaN.
        Unsupported: float64.
    """
    x, w, b = operands(X, W, B, opset)
    windows = geometry(X.shape, W.shape, auto_pad, dilations, group, kernel_shape, pads, strides)
    if any(windows.pads_begin + windows.pads_end) and not np.isfinite(w).all():
        raise NotFixed("padding meets a weight that is infinite or NaN: no text says whether it adds 0 · ∞ or nothing")
    bias("B", B, W.shape[0])
    return encode(exact(x, w, windows, float_format(X.dtype), b), X.dtype)


def operands(X: Tensor, W: Tensor, B: Tensor | None, opset: int) -> tuple[Array, Array, Array | None]:
    """The values of image, kernel and bias, whose types must be one and in the opset's list."""
    x = numbers("X", X, listed(opset, (22, ["bfloat16"])))
    same_dtype("W", W, "X", X)
    if B is not None:
        same_dtype("B", B, "X", X)
    return x, decode(W), None if B is None else decode(B)


def bias(name: str, B: Tensor | None, M: int) -> None:
    """Raises InvalidInput where a bias is not one number an output channel."""
    if B is not None:
        require(B.shape == (M,), f"{name} has shape {list(B.shape)}: give [{M}], one number an output channel")


def conv_bound(X: Tensor, W: Tensor, B: Tensor | None = None, *, opset: int = 22, **attributes: Any) -> list[Bound]:
    """The tolerance of a dot product over the taps on the image, for each output; arguments as in `conv`."""
    x, w, b = operands(X, W, B, opset)
    windows = geometry(X.shape, W.shape, **attributes)
    y = conv(X, W, B, opset=opset, **attributes)

    def sums(x: Array, w: Array, format: Float, addend: Array | None) -> Array:
        return exact(x, w, windows, format, addend)

    return [bound_of_sums(y, x, w, b, sums, taps(X.shape, windows), norm_wise(y, x, w, b, windows))]


def taps(x_shape: tuple[int, ...], windows: Geometry) -> NDArray[np.int64]:
    """How many products each output element really is the sum of, [1, 1, o1, …]."""
    pixels, kernel = np.ones((1, 1, *x_shape[2:]), np.int64), np.ones((1, 1, *windows.kernel), np.int64)
    counts: NDArray[np.int64] = x_shape[1] // windows.group * direct(pixels, kernel, replace(windows, group=1))
    return counts


def bound_of_sums(
    y: Tensor,
    x: Array,
    w: Array,
    b: Array | None,
    sums: Sums,
    products: NDArray[np.int64],
    transformed: Array | None = None,
) -> Bound:
    """The bound of exact sums of products of x and w, shared with ConvTranspose.

    n counts the products on the image, bias and one more. Taps in the padding do not count: an engine that multiplies
    them adds exact zeros, which cost no rounding.
    """
    M = magnitude(x, w, b, sums)
    n = np.broadcast_to(products + (b is not None) + 1, y.shape)
    flushed = subnormal_products(x, w, float_format(y.dtype), sums)
    return of_dot(y, n, M, flushed=flushed, transformed=transformed)


def norm_wise(y: Tensor, x: Array, w: Array, b: Array | None, windows: Geometry) -> Array | None:
    """The norm-wise bound that Winograd's and FFT's algorithms are granted, None where engines do not use them.

    16·n·u·(X·W + |b|), X the largest |x| of an image's channels in the group, W the sum of an output channel's |w|, n
    its products (qref's choice). Two spatial dimensions, strides and dilations 1, kernels of 3×3 and more.
    """
    N, C, M, G = *x.shape[:2], w.shape[0], windows.group
    usual = len(windows.kernel) == 2 and set(windows.strides + windows.dilations) == {1} and min(windows.kernel) >= 3
    if not usual or not y.data.size or not C:
        return None
    finite_x, finite_w = (np.where(np.isfinite(v), np.abs(v), 0.0) for v in (x, w))
    largest = finite_x.reshape(N, G, -1).max(axis=2, initial=0.0)
    total = exact_sum(finite_w.reshape(M, -1).T, MAGNITUDE)
    size = np.repeat(largest, M // G, axis=1) * total
    if b is not None:
        size = size + np.where(np.isfinite(b), np.abs(b), 0.0)
    n, out = C // G * math.prod(windows.kernel) + (b is not None) + 1, float_format(y.dtype)
    error: Array = 16 * n * ARITHMETIC.unit_roundoff * size.reshape(N, M, 1, 1)
    error = error + 2 * out.unit_roundoff * np.abs(decode(y)) + n * out.smallest_subnormal
    return error


CONV = Operator(
    "Conv",
    "",
    opsets=(1, 11, 22),
    inputs=(2, 3),
    outputs=1,
    attributes=ATTRIBUTES,
    function=conv,
    bound=conv_bound,
)
