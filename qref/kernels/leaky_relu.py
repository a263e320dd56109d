"""LeakyRelu of floats."""

from qref.kernels.elementwise import each
from qref.numerics.tensor import Tensor
from qref.ops.onnx.leaky_relu import ALPHA
from qref.ops.operator import Operator
from qref.ops.request import Request


def leaky_relu(request: Request, operator: Operator) -> Tensor:
    """LeakyRelu, checked by the reference."""
    return each(request, operator, "alpha * x if x < zero else x", request.attributes.get("alpha", ALPHA))
