"""MatMul: floats summed up in float32, integers modulo their type."""

import numpy as np

from qref.kernels.float_arrays import single, stored
from qref.kernels.matrix_product import product
from qref.numerics.formats import Integer
from qref.numerics.tensor import Tensor
from qref.ops import keywords
from qref.ops.onnx.float_types import listed, numbers
from qref.ops.onnx.mat_mul import check
from qref.ops.operator import Operator
from qref.ops.request import Request


def mat_mul(request: Request, operator: Operator) -> Tensor:
    """MatMul, checked by the reference."""
    keywords(request, operator)
    A, B = request.inputs
    assert A is not None
    assert B is not None
    check(A, B, request.opset)
    if isinstance(A.format, Integer):
        a, b = (x.data.astype(np.int64) for x in (A, B))
        return Tensor(A.dtype, product(a, b).astype(A.data.dtype))
    numbers("A", A, listed(request.opset, (13, ["bfloat16"])))
    return stored(product(single(A), single(B)), A.dtype)
