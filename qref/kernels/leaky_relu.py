"""LeakyRelu of floats."""

from typing import Any

from numba import njit

from qref.kernels.elementwise import ONE_AND_NUMBERS, each
from qref.numerics.tensor import Tensor
from qref.ops.onnx.leaky_relu import ALPHA
from qref.ops.operator import Operator
from qref.ops.request import Request


@njit(ONE_AND_NUMBERS, cache=True)
def leaking(x: Any, parameters: Any, y: Any) -> None:
    alpha, _ = parameters
    for i in range(y.size):
        y[i] = alpha * x[i] if x[i] < 0 else x[i]


def leaky_relu(request: Request, operator: Operator) -> Tensor:
    """LeakyRelu, checked by the reference."""
    return each(request, operator, leaking, request.attributes.get("alpha", ALPHA), 0.0)
