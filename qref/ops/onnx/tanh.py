"""Tanh: y = tanh(x).

ONNX Tanh-6, -13 (Tanh-1, with its legacy attribute, is left out).
"""

from qref.numerics import transcendental
from qref.numerics.floats import encode, float_format
from qref.numerics.tensor import Tensor
from qref.ops.bound import Bound
from qref.ops.onnx.approximations import of_function
from qref.ops.onnx.float_types import listed, numbers
from qref.ops.operator import Operator

ROUNDINGS = 4  # two units in the last place, as libraries and rational approximations have
RELATIVE = 2.0**-20  # of approximations; near 0 tanh(x) is x, and its relative error matters


def tanh(x: Tensor, *, opset: int = 13) -> Tensor:
    """tanh(x), correctly rounded; ±1 of ±∞, ±0 of ±0, NaN of NaN.

    Raises:
        InvalidInput: a type that the text rejects.
        Unsupported: float64.
    """
    values = numbers("input", x, listed(opset, (13, ["bfloat16"])))
    return encode(transcendental.each(transcendental.tanh, values, float_format(x.dtype)), x.dtype)


def bound(x: Tensor, *, opset: int) -> list[Bound]:
    """Four roundings; approximations within 2⁻²⁰ of the value."""
    return [of_function(tanh(x, opset=opset), ROUNDINGS, relative=RELATIVE)]


TANH = Operator("Tanh", "", opsets=(6, 13), inputs=(1, 1), outputs=1, attributes={}, function=tanh, bound=bound)
