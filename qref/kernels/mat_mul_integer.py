"""MatMulInteger: a product of matrices by int8 tiles."""

import numpy as np

from qref.kernels.int8_sums import product
from qref.numerics.saturation import wrap
from qref.numerics.tensor import Tensor
from qref.ops import keywords
from qref.ops.onnx.mat_mul_integer import accumulate
from qref.ops.operator import Operator
from qref.ops.request import Request


def mat_mul_integer(request: Request, operator: Operator) -> Tensor:
    """MatMulInteger, checked by the reference."""
    keywords(request, operator)
    a, b, a_zero_point, b_zero_point = (*request.inputs, None, None)[:4]
    exact = accumulate(a, b, a_zero_point, b_zero_point, product)  # type: ignore[arg-type]
    return Tensor("int32", wrap(exact, 32).astype(np.int32))
