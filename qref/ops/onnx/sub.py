"""Sub: C = A − B, broadcast.

ONNX Sub-7, -13, -14 (the limited broadcasting of Sub-1 and -6 is left out).
"""

import operator

from qref.numerics import floats
from qref.numerics.formats import Float
from qref.numerics.tensor import Tensor
from qref.ops.bound import Array, Bound
from qref.ops.onnx.binary_arithmetic import OPSETS, bounded, elementwise
from qref.ops.operator import Operator


def sub(a: Tensor, b: Tensor, *, opset: int = 14) -> Tensor:
    """A − B, rounded once; ∞ − ∞ is NaN, x − x is +0.

    Args:
        a, b: one type, shapes that broadcast.

    Raises:
        InvalidInput: types or shapes that the text rejects.
        NotFixed: an integer difference outside the type, below zero in an unsigned one.
    """
    return elementwise(a, b, rounded_difference, operator.sub, opset)


def rounded_difference(a: Array, b: Array, format: Float) -> Array:
    """a − b of numbers of `format`."""
    return floats.add(a, -b, format)


def bound(a: Tensor, b: Tensor, *, opset: int) -> list[Bound] | None:
    """Correctly rounded; integers are exact."""
    return bounded(sub, a, b, opset)


SUB = Operator("Sub", "", OPSETS, inputs=(2, 2), outputs=1, attributes={}, function=sub, bound=bound)
