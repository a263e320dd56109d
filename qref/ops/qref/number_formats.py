"""FloatingPointEncode, FloatingPointDecode, FixedPointEncode, FixedPointDecode: numbers of up to 16 bits.

qref's own operators (domain "qref", opset 1).
"""

from qref.numerics.tensor import Tensor
from qref.ops.check import dtype
from qref.ops.operator import Attribute, Operator
from qref.quantizers import floating_point
from qref.quantizers.fixed_point import FixedPoint


def floating_point_encode(
    x: Tensor, *, exponent_bits: int = 2, mantissa_bits: int = 1, bias: int = 1, opset: int = 1
) -> Tensor:
    """The codes of the nearest numbers of a floating-point format: uint16 of x's shape.

    Args:
        x: finite float32.

    Raises:
        InvalidInput: another type, NaN or infinity, or a format that there is not.
    """
    dtype("x", x, ("float32",))
    format = floating_point.format_of(exponent_bits, mantissa_bits, bias)
    return Tensor("uint16", floating_point.encode(x.data, format))


def floating_point_decode(
    codes: Tensor, *, exponent_bits: int = 2, mantissa_bits: int = 1, bias: int = 1, opset: int = 1
) -> Tensor:
    """The numbers of floating-point codes: float32, exact.

    Args:
        codes: uint16.

    Raises:
        InvalidInput: another type, a code of more bits, or a format that there is not.
    """
    dtype("codes", codes, ("uint16",))
    format = floating_point.format_of(exponent_bits, mantissa_bits, bias)
    return Tensor("float32", floating_point.decode(codes.data, format))


def fixed_point_encode(x: Tensor, *, mantissa_bits: int = 3, fraction_bits: int = 0, opset: int = 1) -> Tensor:
    """The codes of the nearest numbers of a fixed-point format, sign and magnitude: uint16 of x's shape.

    Args:
        x: finite float32.

    Raises:
        InvalidInput: another type, NaN or infinity, or a format that there is not.
    """
    dtype("x", x, ("float32",))
    return Tensor("uint16", FixedPoint(mantissa_bits, fraction_bits).encode(x.data))


def fixed_point_decode(codes: Tensor, *, mantissa_bits: int = 3, fraction_bits: int = 0, opset: int = 1) -> Tensor:
    """The numbers of fixed-point codes: float32, exact.

    Args:
        codes: uint16.

    Raises:
        InvalidInput: another type, a code of more bits, or a format that there is not.
    """
    dtype("codes", codes, ("uint16",))
    return Tensor("float32", FixedPoint(mantissa_bits, fraction_bits).decode(codes.data))


FLOATING = {"exponent_bits": Attribute("int", 2), "mantissa_bits": Attribute("int", 1), "bias": Attribute("int", 1)}
FIXED = {"mantissa_bits": Attribute("int", 3), "fraction_bits": Attribute("int", 0)}
OPERATORS = tuple(
    Operator(name, "qref", opsets=(1,), inputs=(1, 1), outputs=1, attributes=attributes, function=function)
    for name, attributes, function in (
        ("FloatingPointEncode", FLOATING, floating_point_encode),
        ("FloatingPointDecode", FLOATING, floating_point_decode),
        ("FixedPointEncode", FIXED, fixed_point_encode),
        ("FixedPointDecode", FIXED, fixed_point_decode),
    )
)
