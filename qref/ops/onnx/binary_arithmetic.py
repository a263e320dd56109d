"""What Add, Sub, Mul and Div share: types, broadcasting, one rounding, and their bound."""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qref.errors import NotFixed
from qref.numerics.floats import decode, encode, float_format
from qref.numerics.formats import Float, Integer, integer
from qref.numerics.tensor import Tensor
from qref.ops.bound import Array, Bound, correctly_rounded
from qref.ops.check import same_dtype
from qref.ops.onnx.broadcasting import multidirectional
from qref.ops.onnx.float_types import INTEGERS, listed, numbers

OPSETS = (7, 13, 14)
SMALL_INTEGERS = ("uint8", "uint16", "int8", "int16")

Rounded = Callable[[Array, Array, Float], Array]  # a result rounded once to a format
Whole = Callable[[int, int], int]


def elementwise(a: Tensor, b: Tensor, rounded: Rounded, whole: Whole, opset: int) -> Tensor:
    """`rounded` of floats, `whole` of integers, on each pair of elements of two tensors that broadcast.

    Raises:
        InvalidInput: types that the text rejects or that differ, shapes that do not broadcast.
        NotFixed: an integer result outside the type: no text says whether it wraps or saturates.
        Unsupported: float64.
    """
    values = numbers("A", a, listed(opset, (7, INTEGERS), (13, ["bfloat16"]), (14, SMALL_INTEGERS)))
    same_dtype("A", a, "B", b)
    multidirectional(a.shape, b.shape)
    if not isinstance(a.format, Integer):
        return encode(rounded(values, decode(b), float_format(a.dtype)), a.dtype)
    return exact_integers(np.frompyfunc(whole, 2, 1)(a.data.astype(object), b.data.astype(object)), a.dtype)


def exact_integers(y: NDArray[Any], dtype: str) -> Tensor:
    """Python integers as a tensor. Raises NotFixed where one does not fit its type."""
    format = integer(dtype)
    y = np.asarray(y, object)
    for value in y.ravel():
        if not format.lowest <= value <= format.highest:
            raise NotFixed(f"{value} is beyond {dtype}: no text says what an integer overflow gives")
    return Tensor(dtype, y.astype(format.storage))


def bounded(operation: Callable[..., Tensor], a: Tensor, b: Tensor, opset: int) -> list[Bound] | None:
    """One IEEE 754 operation is correctly rounded; an engine may flush subnormal operands and results to zero."""
    y = operation(a, b, opset=opset)
    if isinstance(y.format, Integer):
        return None
    return [correctly_rounded(y, distance(y, operation(flushed(a), flushed(b), opset=opset)))]


def flushed(x: Tensor) -> Tensor:
    """Floats with each subnormal number replaced by zero of its sign."""
    values = decode(x)
    small = np.abs(values) < float_format(x.dtype).smallest_normal
    return encode(np.where(small, np.copysign(0.0, values), values), x.dtype)


def distance(y: Tensor, other: Tensor) -> Array:
    """|y − other|; 0 where they are equal or both NaN, ∞ where just one is infinite or NaN."""
    a, b = decode(y), decode(other)
    same = (a == b) | (np.isnan(a) & np.isnan(b))
    with np.errstate(invalid="ignore"):
        difference = np.where(same, 0.0, np.abs(a - b))
    return np.where(np.isnan(difference), np.inf, difference)
