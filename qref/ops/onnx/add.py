"""Add: C = A + B, broadcast.

ONNX Add-7, -13, -14 (the limited broadcasting of Add-1 and -6 is left out).
"""

import operator

from qref.numerics import floats
from qref.numerics.tensor import Tensor
from qref.ops.bound import Bound
from qref.ops.onnx.binary_arithmetic import OPSETS, bounded, elementwise
from qref.ops.operator import Operator


def add(a: Tensor, b: Tensor, *, opset: int = 14) -> Tensor:
    """A + B, rounded once; ∞ − ∞ is NaN, an exact zero +0 unless both terms are −0.

    Args:
        a, b: one type, shapes that broadcast.

    Raises:
        InvalidInput: types or shapes that the text rejects.
        NotFixed: an integer sum outside the type.
    """
    return elementwise(a, b, floats.add, operator.add, opset)


def bound(a: Tensor, b: Tensor, *, opset: int) -> list[Bound] | None:
    """Correctly rounded; integers are exact."""
    return bounded(add, a, b, opset)


ADD = Operator("Add", "", OPSETS, inputs=(2, 2), outputs=1, attributes={}, function=add, bound=bound)
