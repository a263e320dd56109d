"""Conv of floats: the direct convolution by register tiles, or depthwise, with the bias fused."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from qref.kernels.conv import depthwise, float32_direct
from qref.kernels.conv.kernel import DIMENSIONS
from qref.kernels.float_arrays import single, stored
from qref.numerics.tensor import Tensor
from qref.ops import keywords
from qref.ops.onnx.auto_pad import geometry
from qref.ops.onnx.conv import bias, operands
from qref.ops.operator import Operator
from qref.ops.request import Request


def conv(request: Request, operator: Operator) -> Tensor:
    """Conv, checked by the reference."""
    keywords(request, operator)
    X, W, B = (*request.inputs, None)[:3]
    assert X is not None
    assert W is not None
    operands(X, W, B, request.opset)
    found = geometry(X.shape, W.shape, **request.attributes)
    bias("B", B, W.shape[0])
    x, w, b = single(X), single(W), None if B is None else single(B)
    if w.shape[1] == 1 and found.group > 1 and len(found.kernel) <= DIMENSIONS and np.isfinite(w).all():
        # it multiplies zeros beside the image, which direct convolution leaves out
        y = depthwise.run(x, depthwise.pack(w, found), found, bias=b)
    else:
        y = float32_direct.direct(x, float32_direct.pack(w, found), found, bias=b)
    return stored(y, X.dtype)


def with_bias(y: NDArray[Any], B: Tensor | None) -> NDArray[Any]:
    """y [N, M, o1, …] + B [M], in float32."""
    if B is None:
        return y
    with np.errstate(over="ignore", invalid="ignore"):
        total: NDArray[Any] = y + single(B).reshape(-1, *[1] * (y.ndim - 2))
    return total
