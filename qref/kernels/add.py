"""Add of floats."""

from typing import Any

from numba import njit

from qref.kernels.elementwise import TWO, pairs
from qref.numerics.tensor import Tensor
from qref.ops.operator import Operator
from qref.ops.request import Request


@njit(TWO, cache=True)
def sums(a: Any, b: Any, y: Any) -> None:
    for i in range(y.size):
        y[i] = a[i] + b[i]


def add(request: Request, operator: Operator) -> Tensor:
    """Add, checked by the reference."""
    return pairs(request, operator, sums)
