"""BatchNormalization in inference: one multiplication and one addition an element, in float32."""

import math
from typing import Any

import numpy as np
from numba import float32, int64, njit, types, void

from qref.kernels.float_arrays import single, stored
from qref.numerics.tensor import Tensor
from qref.ops import keywords
from qref.ops.onnx.batch_normalization import normalization
from qref.ops.operator import Operator
from qref.ops.request import Request

READ = types.Array(float32, 1, "C", readonly=True, aligned=False)


@njit(void(READ, int64, READ, READ, READ, float32[::1]), cache=True, error_model="numpy")
def normalized(x: Any, pixels: int, mean: Any, factor: Any, b: Any, y: Any) -> None:
    """y = (x − mean)·factor + b. x, y: [N, P, pixels], flat. mean, factor, b: [P]."""
    for row in range(x.size // pixels):
        p, values, result = row % mean.size, x[row * pixels : (row + 1) * pixels], y[row * pixels : (row + 1) * pixels]
        m, f, a = mean[p], factor[p], b[p]
        for i in range(pixels):
            result[i] = (values[i] - m) * f + a


def batch_normalization(request: Request, operator: Operator) -> Tensor:
    """BatchNormalization, checked by the reference on as few elements as have all parameters."""
    X, *others = request.inputs
    assert X is not None
    arguments = keywords(request, operator)
    spatial = arguments.get("spatial", 1) or X.data.ndim == 1
    ends = (slice(1),) * (X.data.ndim - 2) if spatial else ()
    some = Tensor(X.dtype, X.data[(slice(1), slice(None), *ends)[: X.data.ndim]])
    given = normalization(some, *others, **arguments)  # type: ignore[arg-type]
    scale, b, mean, var = (single(x).reshape(-1) for x in others)  # type: ignore[arg-type]
    with np.errstate(all="ignore"):
        factor = scale / np.sqrt(var + np.float32(given.epsilon))
    y = np.empty(X.shape, np.float32)
    if y.size:
        pixels = math.prod(X.shape[2:]) if X.data.ndim > 1 else len(X.data)
        normalized(single(X).reshape(-1), pixels if spatial else 1, mean, factor, b, y.reshape(-1))
    return stored(y, X.dtype)
