"""Softmax, in float64 for every type."""

from typing import Any

import numpy as np
from numba import float64, njit, void

from qref.kernels.float_arrays import stored
from qref.numerics.floats import decode
from qref.numerics.tensor import Tensor
from qref.ops import keywords
from qref.ops.onnx.float_types import listed, numbers
from qref.ops.onnx.softmax import restored, rows
from qref.ops.operator import Operator
from qref.ops.request import Request


@njit(void(float64[:, ::1], float64[:, ::1]), cache=True, error_model="numpy")
def normalized(x: Any, y: Any) -> None:
    """y[r] = exp(x[r] − max x[r]) over its sum; NaN where the maximum is infinite, as ∞ − ∞ is."""
    for r in range(x.shape[0]):
        highest, total = -np.inf, 0.0
        for k in range(x.shape[1]):
            highest = max(highest, x[r, k])
        for k in range(x.shape[1]):
            y[r, k] = np.exp(x[r, k] - highest)
            total += y[r, k]
        for k in range(x.shape[1]):
            y[r, k] /= total


def softmax(request: Request, operator: Operator) -> Tensor:
    """Softmax, checked by the reference."""
    axis = keywords(request, operator).get("axis")
    [x] = request.inputs
    assert x is not None
    numbers("input", x, listed(request.opset, (13, ["bfloat16"])))
    lines = np.ascontiguousarray(rows(decode(x), axis, request.opset))
    y = np.empty_like(lines)
    flat = (int(np.prod(lines.shape[:-1])), lines.shape[-1])
    normalized(lines.reshape(flat), y.reshape(flat))
    return stored(restored(y, x.shape, axis, request.opset), x.dtype)
