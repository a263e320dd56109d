"""Decoding, and other operators whose reference is one pass of NumPy already."""

from qref.numerics.tensor import Tensor
from qref.ops import keywords
from qref.ops.operator import Operator
from qref.ops.request import Request


def decoded(request: Request, operator: Operator) -> Tensor | tuple[Tensor, ...]:
    """The operator of the request, by its reference function."""
    return operator.function(*request.inputs, **keywords(request, operator))
