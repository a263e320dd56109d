"""ConvInteger: int8 direct convolution."""

import numpy as np

from qref.kernels.int8_sums import convolution
from qref.numerics.saturation import wrap
from qref.numerics.tensor import Tensor
from qref.ops import keywords
from qref.ops.onnx.auto_pad import geometry
from qref.ops.onnx.conv_integer import accumulate
from qref.ops.operator import Operator
from qref.ops.request import Request


def conv_integer(request: Request, operator: Operator) -> Tensor:
    """ConvInteger, checked by the reference."""
    keywords(request, operator)
    x, w, x_zero_point, w_zero_point = (*request.inputs, None, None)[:4]
    assert x is not None
    assert w is not None
    found = geometry(x.shape, w.shape, **request.attributes)
    exact = accumulate(x, w, x_zero_point, w_zero_point, found, convolution)
    return Tensor("int32", wrap(exact, 32).astype(np.int32))
