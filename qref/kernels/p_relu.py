"""PRelu of floats."""

from qref.kernels.elementwise import pairs
from qref.numerics.tensor import Tensor
from qref.ops.onnx.broadcasting import unidirectional
from qref.ops.operator import Operator
from qref.ops.request import Request


def p_relu(request: Request, operator: Operator) -> Tensor:
    """PRelu, checked by the reference."""
    match request.inputs:
        case [Tensor() as x, Tensor() as slope]:
            unidirectional(slope.shape, x.shape)
    return pairs(request, operator, "b * a if a < zero else a")
