"""ConvTranspose of floats: the transposed convolution, summed up in float32, and the bias."""

from qref.kernels.conv.transposed import transposed
from qref.kernels.float_arrays import single, stored
from qref.kernels.float_conv import with_bias
from qref.numerics.tensor import Tensor
from qref.ops import keywords
from qref.ops.onnx.conv import bias, operands
from qref.ops.onnx.conv_transpose import geometry
from qref.ops.operator import Operator
from qref.ops.request import Request


def conv_transpose(request: Request, operator: Operator) -> Tensor:
    """ConvTranspose, checked by the reference."""
    keywords(request, operator)
    X, W, B = (*request.inputs, None)[:3]
    assert X is not None
    assert W is not None
    operands(X, W, B, request.opset)
    found, output = geometry(X.shape, W.shape, request.opset, **request.attributes)
    bias("B", B, W.shape[1] * found.group)
    return stored(with_bias(transposed(single(X), single(W), found, output), B), X.dtype)
