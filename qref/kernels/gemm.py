"""Gemm of floats: the product, summed up in float32, then alpha, and beta times C."""

import numpy as np

from qref.errors import Unsupported
from qref.kernels.float_arrays import single, stored
from qref.kernels.matrix_product import product
from qref.numerics.formats import Integer
from qref.numerics.tensor import Tensor
from qref.ops import keywords
from qref.ops.onnx.float_types import listed, numbers
from qref.ops.onnx.gemm import check
from qref.ops.operator import Operator
from qref.ops.request import Request


def gemm(request: Request, operator: Operator) -> Tensor:
    """Gemm, checked by the reference. Raises Unsupported for integers."""
    attributes = keywords(request, operator)
    A, B, C = (*request.inputs, None)[:3]
    assert A is not None
    assert B is not None
    trans_a, trans_b = attributes.get("transA", 0), attributes.get("transB", 0)
    check(A, B, C, trans_a, trans_b, attributes.get("broadcast", 0), request.opset)
    if isinstance(A.format, Integer):
        raise Unsupported(f"Gemm of {A.dtype}: the fast path is for floats")
    numbers("A", A, listed(request.opset, (13, ["bfloat16"])))
    a, b = single(A), single(B)
    alpha, beta = np.float32(attributes.get("alpha", 1.0)), np.float32(attributes.get("beta", 1.0))
    with np.errstate(over="ignore", invalid="ignore"):
        y = product(a.T if trans_a else a, b.T if trans_b else b)
        y = y if alpha == 1 else alpha * y
        y = y if C is None else y + (single(C) if beta == 1 else beta * single(C))
    return stored(y, A.dtype)
