"""Clip of floats."""

from typing import Any

import numpy as np
from numba import njit

from qref.kernels.elementwise import ONE_AND_NUMBERS, none_of
from qref.kernels.float_arrays import loaded, only_floats, stored
from qref.numerics.floats import decode
from qref.numerics.tensor import Tensor
from qref.ops import keywords
from qref.ops.onnx.clip import LARGEST, limits
from qref.ops.operator import Operator
from qref.ops.request import Request


@njit(ONE_AND_NUMBERS, cache=True)
def held(x: Any, ends: Any, y: Any) -> None:
    low, high = ends
    for i in range(y.size):
        value = low if x[i] < low else x[i]
        y[i] = high if high < value else value


def clip(request: Request, operator: Operator) -> Tensor:
    """Clip, checked by the reference; a limit that is not there is infinite."""
    arguments = keywords(request, operator)
    x, low, high = (*request.inputs, None, None)[:3]
    assert x is not None
    only_floats(x)
    operator.function(none_of(x), low, high, **arguments)
    lowest, highest = arguments.get("min", -LARGEST), arguments.get("max", LARGEST)
    found = limits(x, low, high, lowest, highest, request.opset)
    values = loaded(x)
    ends = [
        values.dtype.type(absent if limit is None else decode(limit)) for limit, absent in zip(found, (-np.inf, np.inf))
    ]
    y = np.empty_like(values)
    held(values.reshape(-1), tuple(ends), y.reshape(-1))
    return stored(y, x.dtype)
