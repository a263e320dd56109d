"""Mul: C = A · B, broadcast.

ONNX Mul-7, -13, -14 (the limited broadcasting of Mul-1 and -6 is left out).
"""

import operator

from qref.numerics.floats import multiply
from qref.numerics.tensor import Tensor
from qref.ops.bound import Bound
from qref.ops.onnx.binary_arithmetic import OPSETS, bounded, elementwise
from qref.ops.operator import Operator


def mul(a: Tensor, b: Tensor, *, opset: int = 14) -> Tensor:
    """A · B, rounded once; 0 · ∞ is NaN, and the sign of a zero is the product of the signs.

    Args:
        a, b: one type, shapes that broadcast.

    Raises:
        InvalidInput: types or shapes that the text rejects.
        NotFixed: an integer product outside the type.
    """
    return elementwise(a, b, multiply, operator.mul, opset)


def bound(a: Tensor, b: Tensor, *, opset: int) -> list[Bound] | None:
    """Correctly rounded; integers are exact."""
    return bounded(mul, a, b, opset)


MUL = Operator("Mul", "", OPSETS, inputs=(2, 2), outputs=1, attributes={}, function=mul, bound=bound)
