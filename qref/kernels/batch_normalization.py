"""BatchNormalization in inference: one multiplication and one addition an element, in float32."""

from typing import Any

import numpy as np
from numba import float32, njit, void
from numpy.typing import NDArray

from qref.kernels.float_arrays import stored
from qref.numerics.tensor import Tensor
from qref.ops import keywords
from qref.ops.onnx.batch_normalization import normalization
from qref.ops.operator import Operator
from qref.ops.request import Request


@njit(
    void(float32[::1], float32[::1], float32[::1], float32[::1], float32[::1], float32, float32[::1]),
    cache=True,
    error_model="numpy",
)
def normalized(x: Any, scale: Any, b: Any, mean: Any, var: Any, epsilon: Any, y: Any) -> None:
    for i in range(y.size):
        y[i] = (x[i] - mean[i]) / np.sqrt(var[i] + epsilon) * scale[i] + b[i]


def batch_normalization(request: Request, operator: Operator) -> Tensor:
    """BatchNormalization, checked by the reference."""
    given = normalization(*request.inputs, **keywords(request, operator))  # type: ignore[arg-type]
    [X, *_] = request.inputs
    assert X is not None

    def flat(values: NDArray[np.float64]) -> NDArray[np.float32]:
        return values.astype(np.float32).reshape(-1)

    y = np.empty(X.data.size, np.float32)
    x, scale, b, mean, var = map(flat, (given.x, given.scale, given.b, given.mean, given.var))
    normalized(x, scale, b, mean, var, np.float32(given.epsilon), y)
    return stored(y.reshape(X.shape), X.dtype)
