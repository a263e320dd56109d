"""HardSwish."""

from typing import Any

from numba import njit

from qref.kernels.elementwise import ONE_AND_NUMBERS, each
from qref.numerics.tensor import Tensor
from qref.ops.onnx.hard_swish import ALPHA, BETA
from qref.ops.operator import Operator
from qref.ops.request import Request


@njit(ONE_AND_NUMBERS, cache=True)
def swish(x: Any, parameters: Any, y: Any) -> None:
    alpha, beta = parameters
    for i in range(y.size):
        factor = alpha * x[i] + beta
        y[i] = x[i] * (0 if factor < 0 else 1 if factor > 1 else factor)


def hard_swish(request: Request, operator: Operator) -> Tensor:
    """HardSwish, checked by the reference."""
    return each(request, operator, swish, ALPHA, BETA)
