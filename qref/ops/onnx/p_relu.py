"""PRelu: f(x) = slope · x for x < 0, f(x) = x for x ≥ 0, slope broadcast to x.

ONNX PRelu-7, -9, -16: "tensor slope should be unidirectional broadcastable to input tensor X" (PRelu-1 and -6 share a
slope "across different channels" in a way their text does not give, and are left out).
"""

import operator

import numpy as np

from qref.numerics.floats import decode, encode, float_format, multiply
from qref.numerics.formats import Integer
from qref.numerics.tensor import Tensor
from qref.ops.bound import Bound, correctly_rounded
from qref.ops.check import same_dtype
from qref.ops.onnx.binary_arithmetic import distance, exact_integers, flushed
from qref.ops.onnx.broadcasting import unidirectional
from qref.ops.onnx.float_types import INTEGERS, listed, numbers
from qref.ops.operator import Operator


def p_relu(x: Tensor, slope: Tensor, *, opset: int = 16) -> Tensor:
    """slope · x, rounded once, where x < 0; elsewhere x, NaN and both zeros included.

    Args:
        x: any shape. slope: of x's type, and of a shape that broadcasts to x's.

    Raises:
        InvalidInput: types or shapes that the text rejects.
        NotFixed: an integer product outside the type.
        Unsupported: float64.
    """
    values = numbers("X", x, listed(opset, (9, INTEGERS), (16, ["bfloat16"])))
    same_dtype("X", x, "slope", slope)
    unidirectional(slope.shape, x.shape)
    if isinstance(x.format, Integer):
        factors = np.broadcast_to(slope.data, x.shape)
        products = np.frompyfunc(operator.mul, 2, 1)(
            x.data.astype(object), np.where(x.data < 0, factors, 1).astype(object)
        )
        return exact_integers(products, x.dtype)
    return encode(np.where(values < 0, multiply(values, decode(slope), float_format(x.dtype)), values), x.dtype)


def bound(x: Tensor, slope: Tensor, *, opset: int) -> list[Bound] | None:
    """Correctly rounded; integers are exact."""
    y = p_relu(x, slope, opset=opset)
    if isinstance(y.format, Integer):
        return None
    return [correctly_rounded(y, distance(y, p_relu(flushed(x), flushed(slope), opset=opset)))]


P_RELU = Operator("PRelu", "", opsets=(7, 9, 16), inputs=(2, 2), outputs=1, attributes={}, function=p_relu, bound=bound)
