"""HardSigmoid."""

from typing import Any

from numba import njit

from qref.kernels.elementwise import ONE_AND_NUMBERS, each
from qref.numerics.tensor import Tensor
from qref.ops.onnx.hard_sigmoid import ALPHA, BETA
from qref.ops.operator import Operator
from qref.ops.request import Request


@njit(ONE_AND_NUMBERS, cache=True)
def line(x: Any, parameters: Any, y: Any) -> None:
    alpha, beta = parameters
    for i in range(y.size):
        value = alpha * x[i] + beta
        y[i] = 0 if value < 0 else 1 if value > 1 else value


def hard_sigmoid(request: Request, operator: Operator) -> Tensor:
    """HardSigmoid, checked by the reference."""
    alpha, beta = request.attributes.get("alpha", ALPHA), request.attributes.get("beta", BETA)
    return each(request, operator, line, alpha, beta)
