"""Sigmoid: y = 1 / (1 + exp(−x)).

ONNX Sigmoid-6, -13 (Sigmoid-1, with its legacy attribute, is left out).
"""

from qref.numerics import transcendental
from qref.numerics.floats import encode, float_format
from qref.numerics.tensor import Tensor
from qref.ops.bound import Bound
from qref.ops.onnx.approximations import of_function
from qref.ops.onnx.float_types import listed, numbers
from qref.ops.operator import Operator

ROUNDINGS = 4  # exp counts as two, then a sum and a quotient
ABSOLUTE = 2.0**-22  # of approximations whose relative error grows where y is near 0


def sigmoid(x: Tensor, *, opset: int = 13) -> Tensor:
    """1 / (1 + e^(−x)), correctly rounded; 0 and 1 of ∓∞, NaN of NaN.

    Raises:
        InvalidInput: a type that the text rejects.
        Unsupported: float64.
    """
    values = numbers("X", x, listed(opset, (13, ["bfloat16"])))
    return encode(transcendental.each(transcendental.sigmoid, values, float_format(x.dtype)), x.dtype)


def bound(x: Tensor, *, opset: int) -> list[Bound]:
    """Four roundings; approximations within 2⁻²²."""
    return [of_function(sigmoid(x, opset=opset), ROUNDINGS, absolute=ABSOLUTE)]


SIGMOID = Operator(
    "Sigmoid", "", opsets=(6, 13), inputs=(1, 1), outputs=1, attributes={}, function=sigmoid, bound=bound
)
