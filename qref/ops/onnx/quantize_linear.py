"""QuantizeLinear: y = saturate(round_half_even(x / y_scale) + y_zero_point).

ONNX QuantizeLinear-10, -13, -19, -21, -23, -24, -25. From opset 23 the text fixes the precision of the division: "The
type of `y_scale` determines the precision of the division operation between `x` and `y_scale`, unless the `precision`
attribute is specified". Before, it names none, and qref divides in the type of the scale.
"""

from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qref.errors import InvalidInput, NotFixed
from qref.numerics.floats import decode, divide, encode, float_format, nearest, round_to
from qref.numerics.formats import Float, Integer, format_of
from qref.numerics.rounding import half_even
from qref.numerics.saturation import saturate as hold
from qref.numerics.tensor import Tensor, tensor
from qref.ops.check import dtype, require, same_dtype, same_shape, scalar
from qref.ops.onnx.data_types import dtype_of
from qref.ops.onnx.granularity import spread
from qref.ops.operator import Attribute, Operator

FLOAT8 = ("float8e4m3fn", "float8e4m3fnuz", "float8e5m2", "float8e5m2fnuz")
FLOATS = ("float32", "float16", "bfloat16")

X_TYPES = {10: ("float32", "int32"), 19: (*FLOATS, "int32")}
SCALE_TYPES = {10: ("float32",), 19: (*FLOATS, "int32"), 24: (*FLOATS, "int32", "float8e8m0")}
Y_TYPES = {
    10: ("int8", "uint8"),
    19: ("int8", "uint8", *FLOAT8),
    21: ("int8", "uint8", "int16", "uint16", "int4", "uint4", *FLOAT8),
    23: ("int8", "uint8", "int16", "uint16", "int4", "uint4", *FLOAT8, "float4e2m1"),
    25: ("int8", "uint8", "int16", "uint16", "int4", "uint4", "int2", "uint2", *FLOAT8, "float4e2m1"),
}


def at(table: dict[int, tuple[str, ...]], opset: int) -> tuple[str, ...]:
    """The row of a table of opsets that is in force at `opset`."""
    return table[max(since for since in table if since <= opset)]


def quantize_linear(
    x: Tensor,
    y_scale: Tensor,
    y_zero_point: Tensor | None = None,
    *,
    axis: int = 1,
    block_size: int = 0,
    output_dtype: int = 0,
    precision: int = 0,
    saturate: int = 1,
    opset: int = 25,
) -> Tensor:
    """Quantized x.

    Args:
        x: any shape; float32, float16, bfloat16 or int32.
        y_scale: scalar, [D_axis], or x's shape with ⌈D_axis / block_size⌉ along axis.
        y_zero_point: of y_scale's shape; its type is y's. Absent: zero, of type output_dtype, uint8 if that is not
            given.

    Returns:
        y of x's shape. Integers: the quotient, rounded once to the division's type, rounded half to even, plus the zero
        point, saturated; ±∞ saturates. float8, float4e2m1: the quotient rounded once more, half to even, to y's type;
        beyond its range ±largest where `saturate`, else infinity, or NaN in a type without infinity. Before opset 24
        infinity becomes NaN in the fnuz types, saturated or not.

    Raises:
        InvalidInput: types or shapes that the text rejects.
        NotFixed: what no text fixes: NaN into an integer, a division in int32 or float8e8m0, a float8 zero point
            other than zero.
    """
    check_types(x, y_scale, y_zero_point, opset)
    y_dtype = output_type(y_zero_point, output_dtype, opset)
    quotient = _quotient(x, y_scale, axis, block_size, precision, opset)
    format = format_of(y_dtype)
    if isinstance(format, Integer):
        if np.isnan(quotient).any():
            raise NotFixed("NaN has no integer: no text fixes what it becomes")
        zero_point = zero_points(y_zero_point, x.shape, axis, block_size)
        y = np.clip(np.rint(quotient) + zero_point, format.lowest, format.highest)
        return Tensor(y_dtype, y.astype(format.storage))
    if y_zero_point is not None and decode(y_zero_point).any():
        raise NotFixed(f"a {y_dtype} zero point other than zero: no text says how it is added")
    if isinstance(format, Float) and format.specials == "finite" and np.isnan(quotient).any():
        raise NotFixed(f"NaN has no {y_dtype}: no text fixes what it becomes")
    return encode(_infinities(quotient, y_dtype, opset), y_dtype, saturate=bool(saturate))


def _infinities(quotient: NDArray[np.float64], y_dtype: str, opset: int) -> NDArray[np.float64]:
    """The quotient as Cast's tables read it: up to Cast-23 infinity is NaN in the fnuz types; later it saturates."""
    if opset < 24 and float_format(y_dtype).specials == "fnuz":
        return np.where(np.isinf(quotient), np.nan, quotient)
    return quotient


def check_types(x: Tensor, y_scale: Tensor, y_zero_point: Tensor | None, opset: int) -> None:
    """Raises InvalidInput for types and shapes that the text of `opset` rejects."""
    dtype("x", x, at(X_TYPES, opset))
    dtype("y_scale", y_scale, at(SCALE_TYPES, opset))
    if 19 <= opset < 23:
        same_dtype("x", x, "y_scale", y_scale)
    if opset == 10:
        scalar("y_scale", y_scale)
    if y_zero_point is not None:
        dtype("y_zero_point", y_zero_point, at(Y_TYPES, opset))
        same_shape("y_scale", y_scale, "y_zero_point", y_zero_point)


def output_type(y_zero_point: Tensor | None, output_dtype: int, opset: int) -> str:
    """y's type: the zero point's, else output_dtype, else uint8. Raises InvalidInput where the two disagree."""
    asked = dtype_of("output_dtype", output_dtype)
    if asked is not None:
        require(
            asked in at(Y_TYPES, opset), f"output_dtype is {asked}: opset {opset} has {', '.join(at(Y_TYPES, opset))}"
        )
    if y_zero_point is None:
        return asked or "uint8"
    if asked is not None and asked != y_zero_point.dtype:
        raise InvalidInput(f"output_dtype is {asked} and y_zero_point is {y_zero_point.dtype}: they must be the same")
    return y_zero_point.dtype


def division_type(y_scale: Tensor, precision: int) -> Float:
    """The type of the division: `precision`, else the scale's own."""
    name = dtype_of("precision", precision) or y_scale.dtype
    if name not in FLOATS:
        raise NotFixed(f"a division in {name}: no text says how it rounds")
    return float_format(name)


def _quotient(
    x: Tensor, y_scale: Tensor, axis: int, block_size: int, precision: int, opset: int
) -> NDArray[np.float64]:
    """x / y_scale with one rounding to the division's type, after both were converted to it."""
    T = division_type(y_scale, precision)
    scale = spread(round_to(decode(y_scale), T), x.shape, axis, block_size)
    return divide(round_to(decode(x), T), scale, T)


def zero_points(y_zero_point: Tensor | None, shape: tuple[int, ...], axis: int, block_size: int) -> NDArray[Any]:
    """The zero point of each element of a tensor of `shape`, as an array that broadcasts to it."""
    if y_zero_point is None:
        return np.zeros((), np.int64)
    return spread(y_zero_point.data.astype(np.int64), shape, axis, block_size)


def alternatives(
    x: Tensor,
    y_scale: Tensor,
    y_zero_point: Tensor | None = None,
    *,
    axis: int = 1,
    block_size: int = 0,
    output_dtype: int = 0,
    precision: int = 0,
    saturate: int = 1,
    opset: int,
) -> list[tuple[str, tuple[Tensor, ...]]]:
    """Before opset 23, where no precision is named: the exact quotient, and the division in float32.

    Before opset 24, where infinity becomes NaN in the fnuz types: what Cast-24 makes of it.
    """
    y_dtype = output_type(y_zero_point, output_dtype, opset)
    later: list[tuple[str, tuple[Tensor, ...]]] = []
    if opset < 24 and y_dtype in ("float8e4m3fnuz", "float8e5m2fnuz"):
        quotient = _quotient(x, y_scale, axis, block_size, precision, opset)
        later = [("infinity saturated, as from Cast-24", (encode(quotient, y_dtype, bool(saturate)),))]
    if opset >= 23:
        return later
    format = format_of(y_dtype)
    real, scale = decode(x), np.broadcast_to(spread(decode(y_scale), x.shape, axis, block_size), x.shape)
    single = float_format("float32")
    in_float32 = divide(round_to(real, single), round_to(scale, single), single)
    if isinstance(format, Integer):
        zero_point = zero_points(y_zero_point, x.shape, axis, block_size)
        whole = hold(_rounded_quotient(real, scale) + zero_point, format.lowest, format.highest)
        rounded = np.clip(np.rint(in_float32) + zero_point, format.lowest, format.highest)
        answers = tensor(np.asarray(whole, np.int64), y_dtype), tensor(rounded, y_dtype)
    else:
        exact = _nearest_quotient(real, scale, float_format(y_dtype))
        one, other = (_infinities(quotient, y_dtype, opset) for quotient in (exact, in_float32))
        answers = encode(one, y_dtype, bool(saturate)), encode(other, y_dtype, bool(saturate))
    return [("the exact quotient", (answers[0],)), ("the division in float32", (answers[1],)), *later]


def _rounded_quotient(x: NDArray[np.float64], scale: NDArray[np.float64]) -> NDArray[Any]:
    """round_half_even of the exact x / scale, in Python integers; infinities become integers beyond every format."""
    y = np.empty(x.shape, object)
    for i in np.ndindex(*x.shape):
        if np.isinf(x[i]):
            y[i] = (1 << 64) if x[i] > 0 else -(1 << 64)
        else:
            ratio = Fraction(float(x[i])) / Fraction(float(scale[i]))
            y[i] = half_even(ratio.numerator, ratio.denominator)
    return y


def _nearest_quotient(x: NDArray[np.float64], scale: NDArray[np.float64], format: Float) -> NDArray[np.float64]:
    """The number of `format` nearest to the exact x / scale; infinities and NaN stay."""
    y = np.empty(x.shape, np.float64)
    for i in np.ndindex(*x.shape):
        y[i] = x[i] if not np.isfinite(x[i]) else nearest(Fraction(float(x[i])) / Fraction(float(scale[i])), format)
    return y


QUANTIZE_LINEAR = Operator(
    "QuantizeLinear",
    "",
    opsets=(10, 13, 19, 21, 23, 24, 25),
    inputs=(2, 3),
    outputs=1,
    attributes={
        "axis": Attribute("int", 1, since=13),
        "saturate": Attribute("int", 1, since=19),
        "block_size": Attribute("int", 0, since=21),
        "output_dtype": Attribute("int", 0, since=21),
        "precision": Attribute("int", 0, since=23),
    },
    function=quantize_linear,
    alternatives=alternatives,
)
