"""Tanh of floats."""

from qref.kernels.elementwise import each
from qref.numerics.tensor import Tensor
from qref.ops.operator import Operator
from qref.ops.request import Request


def tanh(request: Request, operator: Operator) -> Tensor:
    """Tanh, checked by the reference."""
    return each(request, operator, "hyperbolic(x)")
