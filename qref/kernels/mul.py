"""Mul of floats."""

from qref.kernels.elementwise import pairs
from qref.numerics.tensor import Tensor
from qref.ops.operator import Operator
from qref.ops.request import Request


def mul(request: Request, operator: Operator) -> Tensor:
    """Mul, checked by the reference."""
    return pairs(request, operator, "a * b")
