"""QLinearConv: the fast convolution, then the fast requantization."""

from qref.kernels.conv.direct import DIRECT
from qref.kernels.requantize import apply
from qref.numerics.tensor import Tensor
from qref.ops import keywords, rule
from qref.ops.onnx.q_linear_conv import requantization
from qref.ops.operator import Operator
from qref.ops.request import Request


def q_linear_conv(request: Request, operator: Operator) -> Tensor:
    """QLinearConv by the request's rule, checked by the reference."""
    found = requantization(*request.inputs, **keywords(request, operator), convolve=DIRECT)  # type: ignore[arg-type]
    return apply(found, rule(request))
