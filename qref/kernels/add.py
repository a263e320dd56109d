"""Add of floats."""

from qref.kernels.elementwise import pairs
from qref.numerics.tensor import Tensor
from qref.ops.operator import Operator
from qref.ops.request import Request


def add(request: Request, operator: Operator) -> Tensor:
    """Add, checked by the reference."""
    return pairs(request, operator, "a + b")
