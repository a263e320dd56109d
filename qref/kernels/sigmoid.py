"""Sigmoid of floats."""

from qref.kernels.elementwise import each
from qref.numerics.tensor import Tensor
from qref.ops.operator import Operator
from qref.ops.request import Request


def sigmoid(request: Request, operator: Operator) -> Tensor:
    """Sigmoid, checked by the reference."""
    return each(request, operator, "logistic(x)")
