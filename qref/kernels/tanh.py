"""Tanh, in float64 for every type."""

from typing import Any

import numpy as np
from numba import njit

from qref.kernels.elementwise import ONE, each
from qref.numerics.tensor import Tensor
from qref.ops.operator import Operator
from qref.ops.request import Request


@njit(ONE, cache=True)
def hyperbolic(x: Any, y: Any) -> None:
    for i in range(y.size):
        y[i] = np.tanh(np.float64(x[i]))


def tanh(request: Request, operator: Operator) -> Tensor:
    """Tanh, checked by the reference."""
    return each(request, operator, hyperbolic)
