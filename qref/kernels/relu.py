"""Relu of floats."""

from typing import Any

from numba import njit

from qref.kernels.elementwise import ONE, each
from qref.numerics.tensor import Tensor
from qref.ops.operator import Operator
from qref.ops.request import Request


@njit(ONE, cache=True)
def positive(x: Any, y: Any) -> None:
    for i in range(y.size):
        y[i] = 0 if x[i] < 0 else x[i]


def relu(request: Request, operator: Operator) -> Tensor:
    """Relu, checked by the reference: NaN and −0 stay."""
    return each(request, operator, positive)
