"""Div of floats."""

from typing import Any

from numba import njit

from qref.kernels.elementwise import TWO, pairs
from qref.numerics.tensor import Tensor
from qref.ops.operator import Operator
from qref.ops.request import Request


@njit(TWO, cache=True, error_model="numpy")
def quotients(a: Any, b: Any, y: Any) -> None:
    for i in range(y.size):
        y[i] = a[i] / b[i]


def div(request: Request, operator: Operator) -> Tensor:
    """Div, checked by the reference."""
    return pairs(request, operator, quotients)
