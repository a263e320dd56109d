"""GlobalAveragePool: each channel's pixels summed up in float32, divided by their number."""

from typing import Any

import numpy as np
from numba import float32, njit, types, void

from qref.errors import NotFixed
from qref.kernels.float_arrays import single, stored
from qref.numerics.tensor import Tensor
from qref.ops import keywords
from qref.ops.check import require
from qref.ops.onnx.float_types import listed, numbers
from qref.ops.operator import Operator
from qref.ops.request import Request


@njit(
    void(types.Array(float32, 2, "C", readonly=True, aligned=False), float32[::1]),
    cache=True,
    error_model="numpy",
    fastmath={"reassoc"},
)
def means(x: Any, y: Any) -> None:
    """y[c] = Σ x[c] / n; the compiler may split the sum over its lanes. x: [N·C, n]."""
    for c in range(x.shape[0]):
        row, total = x[c], np.float32(0)
        for i in range(row.size):
            total += row[i]
        y[c] = total / np.float32(x.shape[1])


def global_average_pool(request: Request, operator: Operator) -> Tensor:
    """GlobalAveragePool, checked by the reference."""
    keywords(request, operator)
    [X] = request.inputs
    assert X is not None
    numbers("X", X, listed(request.opset, (22, ["bfloat16"])))
    require(len(X.shape) >= 3, f"X has rank {len(X.shape)}: give [N, C, D1, …], one spatial dimension at least")
    if 0 in X.shape[2:]:
        raise NotFixed("X has no pixels: no text says what an average of nothing is")
    N, C, *image = X.shape
    y = np.empty(N * C, np.float32)
    means(single(X).reshape(N * C, int(np.prod(image))), y)
    return stored(y.reshape(N, C, *[1] * len(image)), X.dtype)
