"""HardSwish."""

from qref.kernels.elementwise import each
from qref.numerics.tensor import Tensor
from qref.ops.onnx.hard_swish import ALPHA, BETA
from qref.ops.operator import Operator
from qref.ops.request import Request


def hard_swish(request: Request, operator: Operator) -> Tensor:
    """HardSwish, checked by the reference."""
    return each(request, operator, "x * clamped(alpha * x + beta, zero, one)", ALPHA, BETA)
