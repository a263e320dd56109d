"""Relu of floats."""

from qref.kernels.elementwise import each
from qref.numerics.tensor import Tensor
from qref.ops.operator import Operator
from qref.ops.request import Request


def relu(request: Request, operator: Operator) -> Tensor:
    """Relu, checked by the reference: NaN and −0 stay."""
    return each(request, operator, "zero if x < zero else x")
