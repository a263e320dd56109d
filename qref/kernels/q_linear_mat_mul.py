"""QLinearMatMul: the fast product, then the fast requantization."""

from qref.kernels.int8_sums import product
from qref.kernels.requantize import apply
from qref.numerics.tensor import Tensor
from qref.ops import keywords, rule
from qref.ops.onnx.q_linear_mat_mul import requantization
from qref.ops.operator import Operator
from qref.ops.request import Request


def q_linear_mat_mul(request: Request, operator: Operator) -> Tensor:
    """QLinearMatMul by the request's rule, checked by the reference."""
    found = requantization(*request.inputs, **keywords(request, operator), product=product)  # type: ignore[arg-type]
    return apply(found, rule(request))
