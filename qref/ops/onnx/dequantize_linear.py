"""DequantizeLinear: y = (x − x_zero_point) · x_scale.

ONNX DequantizeLinear-10, -13, -19, -21, -23, -24, -25. From opset 23 "the output type also determines the precision
of the multiplication operation"; before, the output has the scale's type, and qref multiplies in it.
"""

from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qref.errors import NotFixed
from qref.numerics.floats import decode, encode, float_format, multiply, nearest, round_to
from qref.numerics.formats import Integer
from qref.numerics.tensor import Tensor
from qref.ops.check import dtype, require, same_dtype, same_shape, scalar
from qref.ops.onnx.data_types import dtype_of
from qref.ops.onnx.granularity import spread
from qref.ops.onnx.quantize_linear import FLOAT8, FLOATS, at
from qref.ops.operator import Attribute, Operator

X_TYPES = {
    10: ("int8", "uint8", "int32"),
    19: ("int8", "uint8", "int32", *FLOAT8),
    21: ("int8", "uint8", "int16", "uint16", "int32", "int4", "uint4", *FLOAT8),
    23: ("int8", "uint8", "int16", "uint16", "int32", "int4", "uint4", *FLOAT8, "float4e2m1"),
    25: ("int8", "uint8", "int16", "uint16", "int32", "int4", "uint4", "int2", "uint2", *FLOAT8, "float4e2m1"),
}
SCALE_TYPES = {10: ("float32",), 19: FLOATS, 24: (*FLOATS, "float8e8m0")}


def dequantize_linear(
    x: Tensor,
    x_scale: Tensor,
    x_zero_point: Tensor | None = None,
    *,
    axis: int = 1,
    block_size: int = 0,
    output_dtype: int = 0,
    opset: int = 25,
) -> Tensor:
    """Real values of quantized x.

    Args:
        x: any shape. x_scale: scalar, [D_axis], or x's shape with ⌈D_axis / block_size⌉ along axis.
        x_zero_point: x's type, x_scale's shape; absent: zero.

    Returns:
        y of x's shape and type T = output_dtype, or x_scale's type: x − x_zero_point exact, converted to T, times
        x_scale converted to T, the product rounded once to T, half to even.

    Raises:
        InvalidInput: types or shapes that the text rejects.
        NotFixed: a float8e8m0 scale without output_dtype; a zero point other than zero of float8 or int32 x.
    """
    T = output_type(x, x_scale, x_zero_point, output_dtype, opset)
    scale = spread(round_to(decode(x_scale), float_format(T)), x.shape, axis, block_size)
    factor = round_to(difference(x, x_zero_point, axis, block_size), float_format(T))
    return encode(multiply(factor, scale, float_format(T)), T)


def output_type(x: Tensor, x_scale: Tensor, x_zero_point: Tensor | None, output_dtype: int, opset: int) -> str:
    """y's type, output_dtype or the scale's, after every check of types. Raises as dequantize_linear does."""
    dtype("x", x, at(X_TYPES, opset))
    dtype("x_scale", x_scale, at(SCALE_TYPES, opset))
    if opset == 10:
        scalar("x_scale", x_scale)
    if x_zero_point is not None:
        same_dtype("x_zero_point", x_zero_point, "x", x)
        same_shape("x_scale", x_scale, "x_zero_point", x_zero_point)
    asked = dtype_of("output_dtype", output_dtype)
    require(asked is None or asked in FLOATS, f"output_dtype is {asked}: give {', '.join(FLOATS)}")
    if asked is None and x_scale.dtype not in FLOATS:
        raise NotFixed(f"x_scale is {x_scale.dtype} and output_dtype is not given: no text fixes y's type")
    return asked or x_scale.dtype


def difference(x: Tensor, x_zero_point: Tensor | None, axis: int, block_size: int) -> NDArray[np.float64]:
    """x − x_zero_point, exact (at most 33 bits, or a float8 or float4 value)."""
    if x_zero_point is None:
        return decode(x)
    zero_point: NDArray[Any] = decode(x_zero_point)
    if x.dtype == "int32" and zero_point.any():
        raise NotFixed("x_zero_point of int32 x is not zero: the text supposes it to be, and says no more")
    if not isinstance(x.format, Integer) and zero_point.any():
        raise NotFixed(f"a {x.dtype} zero point other than zero: no text says how it is subtracted")
    apart: NDArray[np.float64] = decode(x) - spread(zero_point, x.shape, axis, block_size)
    return apart


def alternatives(
    x: Tensor,
    x_scale: Tensor,
    x_zero_point: Tensor | None = None,
    *,
    axis: int = 1,
    block_size: int = 0,
    output_dtype: int = 0,
    opset: int,
) -> list[tuple[str, tuple[Tensor, ...]]]:
    """The exact product of x − x_zero_point and x_scale, rounded once: neither factor converted first."""
    T = output_type(x, x_scale, x_zero_point, output_dtype, opset)
    scale = spread(decode(x_scale), x.shape, axis, block_size)
    apart = difference(x, x_zero_point, axis, block_size)
    y = np.empty(x.shape, np.float64)
    for i, (d, s) in zip(np.ndindex(*x.shape), np.broadcast(apart, scale), strict=True):
        # infinities, NaN and the sign of zero have no exact rational
        rational = np.isfinite(d) and np.isfinite(s) and d != 0 and s != 0
        y[i] = nearest(Fraction(float(d)) * Fraction(float(s)), float_format(T)) if rational else d * s
    return [("the exact product rounded once", (encode(y, T),))]


DEQUANTIZE_LINEAR = Operator(
    "DequantizeLinear",
    "",
    opsets=(10, 13, 19, 21, 23, 24, 25),
    inputs=(2, 3),
    outputs=1,
    attributes={
        "axis": Attribute("int", 1, since=13),
        "block_size": Attribute("int", 0, since=21),
        "output_dtype": Attribute("int", 0, since=23),
    },
    function=dequantize_linear,
    alternatives=alternatives,
)
