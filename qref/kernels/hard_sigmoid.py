"""HardSigmoid."""

from qref.kernels.elementwise import each
from qref.numerics.tensor import Tensor
from qref.ops.onnx.hard_sigmoid import ALPHA, BETA
from qref.ops.operator import Operator
from qref.ops.request import Request


def hard_sigmoid(request: Request, operator: Operator) -> Tensor:
    """HardSigmoid, checked by the reference."""
    alpha, beta = request.attributes.get("alpha", ALPHA), request.attributes.get("beta", BETA)
    return each(request, operator, "clamped(alpha * x + beta, zero, one)", alpha, beta)
