"""What the element-wise operators of floats share: checks by the reference, broadcasting, a loop over flat arrays."""

from collections.abc import Callable

import numpy as np
from numba import float32, float64, types, void

from qref.kernels.conv.kernel import contiguous
from qref.kernels.float_arrays import loaded, only_floats, stored
from qref.numerics.tensor import Tensor
from qref.ops import keywords
from qref.ops.onnx.broadcasting import multidirectional
from qref.ops.operator import Operator
from qref.ops.request import Request

NUMBERS = (float32, float64)
ONE = [void(number[::1], number[::1]) for number in NUMBERS]
"""Signatures of loops (x, y)."""
ONE_AND_NUMBERS = [void(number[::1], types.UniTuple(number, 2), number[::1]) for number in NUMBERS]
"""Signatures of loops (x, two parameters, y)."""
TWO = [void(number[::1], number[::1], number[::1]) for number in NUMBERS]
"""Signatures of loops (a, b, y)."""

Loop = Callable[..., None]


def none_of(x: Tensor) -> Tensor:
    """A tensor of x's type without elements: what the reference says of it, it says of the type."""
    return Tensor(x.dtype, x.data.reshape(-1)[:0])


def each(request: Request, operator: Operator, loop: Loop, *parameters: float) -> Tensor:
    """A loop over the elements of the first input, in its type's arithmetic. Raises as the reference, on floats."""
    arguments = keywords(request, operator)
    [x] = request.inputs
    assert x is not None
    only_floats(x)
    operator.function(none_of(x), **arguments)
    values = loaded(x)
    y = np.empty_like(values)
    numbers = (tuple(values.dtype.type(parameter) for parameter in parameters),) if parameters else ()
    loop(values.reshape(-1), *numbers, y.reshape(-1))
    return stored(y, x.dtype)


def pairs(request: Request, operator: Operator, loop: Loop) -> Tensor:
    """A loop over pairs of elements of two inputs that broadcast. Raises as the reference, on floats."""
    arguments = keywords(request, operator)
    a, b = request.inputs
    assert a is not None
    assert b is not None
    operator.function(none_of(a), none_of(b), **arguments)
    only_floats(a)
    shape = multidirectional(a.shape, b.shape)
    left, right = (contiguous(np.broadcast_to(loaded(x), shape)).reshape(-1) for x in (a, b))
    y = np.empty(left.shape, left.dtype)
    loop(left, right, y)
    return stored(y.reshape(shape), a.dtype)
