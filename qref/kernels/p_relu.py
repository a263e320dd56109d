"""PRelu of floats."""

from typing import Any

from numba import njit

from qref.kernels.elementwise import TWO, pairs
from qref.numerics.tensor import Tensor
from qref.ops.onnx.broadcasting import unidirectional
from qref.ops.operator import Operator
from qref.ops.request import Request


@njit(TWO, cache=True)
def leaking(x: Any, slope: Any, y: Any) -> None:
    for i in range(y.size):
        y[i] = slope[i] * x[i] if x[i] < 0 else x[i]


def p_relu(request: Request, operator: Operator) -> Tensor:
    """PRelu, checked by the reference."""
    match request.inputs:
        case [Tensor() as x, Tensor() as slope]:
            unidirectional(slope.shape, x.shape)
    return pairs(request, operator, leaking)
