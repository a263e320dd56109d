"""The operators that sum products, as matrix products of raw operands and their zero points (0 where there are none).

A convolution is the matrix product of its windows with its kernels, one a group, and padding holds the zero point. As
in NHWC engines the reduction runs over kernel positions, the channels of each in turn; or, as in NCHW engines, which
lower images by im2col, over channels, the kernel positions of each in turn.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qref import ops
from qref.conv.direct import direct
from qref.conv.exact import exact
from qref.conv.geometry import Geometry
from qref.errors import Unsupported
from qref.mistakes.altered_request import check
from qref.numerics.floats import decode, encode
from qref.numerics.formats import Float, Integer, format_of
from qref.numerics.tensor import Tensor
from qref.ops.bound import MAGNITUDE
from qref.ops.onnx.auto_pad import geometry
from qref.ops.onnx.conv_integer import per_output_channel
from qref.ops.onnx.mat_mul_integer import per_column, per_row
from qref.ops.request import Request

INTEGER_CONVOLUTIONS = ("ConvInteger", "QLinearConv")
INTEGER_MATRIX_PRODUCTS = ("MatMulInteger", "QLinearMatMul")
INTEGER_PRODUCTS = INTEGER_CONVOLUTIONS + INTEGER_MATRIX_PRODUCTS
CONVOLUTIONS = ("Conv", *INTEGER_CONVOLUTIONS)
MATRIX_PRODUCTS = ("MatMul", *INTEGER_MATRIX_PRODUCTS)
PRODUCTS = CONVOLUTIONS + MATRIX_PRODUCTS

Array = NDArray[Any]

# left [..., R, K], right [..., K, S] and the zero point of each of their elements to sums [..., R, S]
Product = Callable[[Array, Array, Array, Array], Array]


@dataclass(frozen=True)
class Positions:
    """Where an operator's inputs hold the operands and their zero points."""

    left: int = 0
    right: int = 1
    left_zero_point: int | None = None
    right_zero_point: int | None = None
    bias: int | None = None


POSITIONS = {
    "Conv": Positions(bias=2),
    "ConvTranspose": Positions(bias=2),
    "MatMul": Positions(),
    "ConvInteger": Positions(0, 1, 2, 3),
    "MatMulInteger": Positions(0, 1, 2, 3),
    "QLinearConv": Positions(0, 3, 2, 5, bias=8),
    "QLinearMatMul": Positions(0, 3, 2, 5),
}


@dataclass(frozen=True, eq=False)
class Operands:
    """Raw operands and their zero points, shaped to broadcast with them, in int64 or float64; the operands' types."""

    left: Array
    right: Array
    left_zero: Array
    right_zero: Array
    types: tuple[str, str]


def operands(request: Request) -> Operands:
    """The operands of a valid request."""
    at = POSITIONS[request.op]
    x, w = request.inputs[at.left], request.inputs[at.right]
    assert x is not None and w is not None
    zero_x, zero_w = zero_point(request, at.left_zero_point), zero_point(request, at.right_zero_point)
    if request.op in CONVOLUTIONS:
        zero_w = per_output_channel("w_zero_point", zero_w, w)
    else:
        zero_x = per_row("a_zero_point", zero_x, x.shape)
        zero_w = per_column("b_zero_point", zero_w, w.shape)
    return Operands(raw(x), raw(w), zero_x, zero_w, (x.dtype, w.dtype))


def raw(x: Tensor) -> Array:
    """An operand in int64, floats in float64."""
    return x.data.astype(np.int64) if isinstance(x.format, Integer) else decode(x)


def zero_point(request: Request, position: int | None) -> Array:
    """A zero point as the request holds it, 0 where it is absent."""
    found = request.inputs[position] if position is not None and position < len(request.inputs) else None
    return np.zeros((), np.int64) if found is None else found.data.astype(np.int64)


def geometry_of(request: Request) -> Geometry:
    """The geometry of a valid convolution."""
    found = operands(request)
    return geometry(found.left.shape, found.right.shape, **request.attributes)


def by_products(
    request: Request,
    product: Product,
    operators: tuple[str, ...] = INTEGER_PRODUCTS,
    types: tuple[str | None, str | None] = (None, None),
    channels_first: bool = False,
) -> list[Tensor]:
    """The outputs where every matrix product is `product`'s and all else is right.

    channels_first: the order of a convolution's reduction.

    Raises Unsupported for other operators, and where the operands are not of `types` (None for any).
    """
    check(request, operators)
    found = operands(request).types
    if not all(wanted in (None, own) for wanted, own in zip(types, found, strict=True)):
        raise Unsupported(f"operands are {' · '.join(found)}, the mistake is with other types")
    return from_accumulator(request, accumulate(request, product, channels_first))


def accumulate(request: Request, product: Product, channels_first: bool = False) -> Array:
    """The sums of a valid request, without bias, by `product`."""
    found = operands(request)
    if request.op in CONVOLUTIONS:
        return _convolution(found, geometry_of(request), product, channels_first)
    left, right = found.left, found.right
    left_zero, right_zero = np.broadcast_to(found.left_zero, left.shape), np.broadcast_to(found.right_zero, right.shape)
    if left.ndim == 1:
        left, left_zero = left[np.newaxis], left_zero[np.newaxis]
    if right.ndim == 1:
        right, right_zero = right[:, np.newaxis], right_zero[:, np.newaxis]
    sums = product(left, right, left_zero, right_zero)
    if found.right.ndim == 1:
        sums = sums.squeeze(-1)
    return sums.squeeze(-1 if found.right.ndim == 1 else -2) if found.left.ndim == 1 else sums


def _convolution(found: Operands, geometry: Geometry, product: Product, channels_first: bool) -> Array:
    x, w, G = found.left, found.right, geometry.group
    N, M, C_g = x.shape[0], w.shape[0], w.shape[1]
    padded = geometry.pad(x - found.left_zero) + found.left_zero
    output = geometry.output(x.shape[2:])
    zero_w = np.broadcast_to(found.right_zero, w.shape)
    y = np.zeros((N, M, int(np.prod(output))), x.dtype)
    channel_axis = 1 if channels_first else -1
    for g in range(G):
        channels, kernels = slice(g * C_g, (g + 1) * C_g), slice(g * (M // G), (g + 1) * (M // G))
        columns = np.zeros((N, y.shape[2], int(np.prod(w.shape[1:]))), x.dtype)
        for p, position in enumerate(np.ndindex(*output)):
            window = padded[(slice(None), channels, *geometry.window(position))]
            columns[:, p] = np.moveaxis(window, 1, channel_axis).reshape(N, columns.shape[2])
        matrix, zeros = (
            np.moveaxis(v[kernels], 1, channel_axis).reshape(M // G, columns.shape[2]).T for v in (w, zero_w)
        )
        sums = product(columns, matrix, np.broadcast_to(found.left_zero, columns.shape), zeros)
        y[:, kernels] = np.moveaxis(sums, 2, 1)
    return y.reshape(N, M, *output)


def convolved(request: Request, x: Array, w: Array, geometry: Geometry) -> Array:
    """The right sums of a convolution of x and w; of floats each exact, and rounded once to 24 bits."""
    if isinstance(left_of(request).format, Integer):
        return direct(x, w, geometry)
    return exact(x, w, geometry, MAGNITUDE)


def spatial_of(request: Request) -> tuple[int, ...]:
    """Lengths of the image of a valid request."""
    return left_of(request).shape[2:]


def left_of(request: Request) -> Tensor:
    """The left operand of a valid request, or its one operand: its type is that of a float operator's output."""
    found = request.inputs[POSITIONS.get(request.op, Positions()).left]
    assert found is not None
    return found


def from_accumulator(request: Request, accumulator: Array) -> list[Tensor]:
    """The outputs of a valid request for these sums: the bias added, then requantized, rounded or wrapped rightly."""
    at = POSITIONS[request.op].bias
    bias = request.inputs[at] if at is not None and at < len(request.inputs) else None
    if bias is not None:
        accumulator = accumulator + raw(bias).reshape(-1, *[1] * (accumulator.ndim - 2))
    right, dtype = ops.requantization(request), left_of(request).dtype
    if right is not None:
        return [replace(right, accumulator=accumulator).apply(ops.rule(request))]
    if isinstance(format_of(dtype), Float):
        return [encode(accumulator, dtype)]
    dtype = dtype if request.op == "MatMul" else "int32"
    return [Tensor(dtype, accumulator.astype(dtype))]
