"""Softmax, in float32."""

from typing import Any

import numpy as np
from numba import float32, njit, types, void

from qref.kernels.exponential import exponential
from qref.kernels.float_arrays import single, stored
from qref.numerics.tensor import Tensor
from qref.ops import keywords
from qref.ops.onnx.float_types import listed, numbers
from qref.ops.onnx.softmax import restored, rows
from qref.ops.operator import Operator
from qref.ops.request import Request

LANES = 16
"""Maxima, and sums, of so many parts of a row are found side by side."""


@njit(
    void(types.Array(float32, 2, "C", readonly=True, aligned=False), float32[:, ::1]), cache=True, error_model="numpy"
)
def normalized(x: Any, y: Any) -> None:
    """y[r] = exp(x[r] − max x[r]) over its sum; NaN where the maximum is infinite, as ∞ − ∞ is, or a number is NaN."""
    part = np.empty(LANES, np.float32)
    for r in range(x.shape[0]):
        row, result = x[r], y[r]
        for j in range(LANES):
            part[j] = -np.inf
        whole = row.size - row.size % LANES
        for k in range(0, whole, LANES):
            for j in range(LANES):
                part[j] = row[k + j] if row[k + j] > part[j] else part[j]
        for k in range(whole, row.size):
            part[0] = row[k] if row[k] > part[0] else part[0]
        highest = part[0]
        for j in range(1, LANES):
            highest = part[j] if part[j] > highest else highest
        for k in range(row.size):
            result[k] = exponential(row[k] - highest)
        for j in range(LANES):
            part[j] = 0
        for k in range(0, whole, LANES):
            for j in range(LANES):
                part[j] += result[k + j]
        total = np.float32(0)
        for k in range(whole, row.size):
            total += result[k]
        for j in range(LANES):
            total += part[j]
        for k in range(row.size):
            result[k] /= total


def softmax(request: Request, operator: Operator) -> Tensor:
    """Softmax, checked by the reference."""
    axis = keywords(request, operator).get("axis")
    [x] = request.inputs
    assert x is not None
    numbers("input", x, listed(request.opset, (13, ["bfloat16"])))
    lines = np.ascontiguousarray(rows(single(x), axis, request.opset))  # type: ignore[arg-type]
    y = np.empty_like(lines)
    flat = (int(np.prod(lines.shape[:-1])), lines.shape[-1])
    normalized(lines.reshape(flat), y.reshape(flat))
    return stored(restored(y, x.shape, axis, request.opset), x.dtype)
