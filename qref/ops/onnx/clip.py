"""Clip: the input, held within [min, max].

ONNX Clip-6, -11, -12, -13 (Clip-1, with its legacy attribute, is left out). From opset 11 the limits are inputs; from
13 "when 'min' is greater than 'max', the clip operator sets all the 'input' values to the value of 'max'".
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from qref.errors import NotFixed
from qref.numerics.floats import decode, encode, float_format
from qref.numerics.formats import Integer
from qref.numerics.tensor import Tensor
from qref.ops.check import same_dtype, scalar
from qref.ops.onnx.element_types import NUMBERS
from qref.ops.onnx.float_types import FLOATS, listed, numbers
from qref.ops.operator import Attribute, Operator

LARGEST = float(np.finfo(np.float32).max)
INTEGERS = tuple(name for name in NUMBERS if name not in FLOATS)


def clip(
    x: Tensor,
    low: Tensor | None = None,
    high: Tensor | None = None,
    *,
    min: float = -LARGEST,
    max: float = LARGEST,
    opset: int = 13,
) -> Tensor:
    """min where x < min, max where max < x, and x elsewhere: NaN stays NaN.

    Args:
        x: any shape. low, high: the inputs min and max of opset 11 and later, scalars of x's type.
        min, max: the attributes of opset 6.

    Returns:
        A tensor of x's type. An absent limit: before opset 13 the type's lowest or largest finite number, which an
        infinity becomes; from 13 on none, as the function body has it.

    Raises:
        InvalidInput: types or shapes that the text rejects.
        NotFixed: min > max before opset 13; a NaN limit.
        Unsupported: float64.
    """
    return _clip(x, *limits(x, low, high, min, max, opset), opset)


def limits(
    x: Tensor, low: Tensor | None, high: Tensor | None, min: float, max: float, opset: int
) -> tuple[Tensor | None, Tensor | None]:
    """Both limits in x's type, None where there is none. Raises as `clip`."""
    numbers("input", x, listed(opset, (12, INTEGERS), (13, ["bfloat16"])))
    if opset == 6:
        return encode(np.asarray(min, np.float64), x.dtype), encode(np.asarray(max, np.float64), x.dtype)
    for name, limit in (("min", low), ("max", high)):
        if limit is not None:
            same_dtype(name, limit, "input", x)
            scalar(name, limit)
    if opset >= 13:
        return low, high
    lowest, highest = ends(x)
    return lowest if low is None else low, highest if high is None else high


def ends(x: Tensor) -> tuple[Tensor, Tensor]:
    """numeric_limits::lowest() and max() of x's type."""
    if isinstance(x.format, Integer):
        storage = x.data.dtype.type
        return Tensor(x.dtype, storage(x.format.lowest)), Tensor(x.dtype, storage(x.format.highest))
    highest = np.asarray(float_format(x.dtype).highest)
    return encode(-highest, x.dtype), encode(highest, x.dtype)


def _clip(x: Tensor, low: Tensor | None, high: Tensor | None, opset: int) -> Tensor:
    """The function body of Clip-13: Where(x < min, min, x), then Where(max < that, max, that)."""
    y, values = x.data, comparable(x)
    for limit in (low, high):
        if limit is not None and np.isnan(decode(limit)):
            raise NotFixed("a limit is NaN: no text says what it limits")
    if low is not None and high is not None and opset < 13 and comparable(low) > comparable(high):
        raise NotFixed(f"min is greater than max: Clip-{opset} does not say which holds")
    if low is not None:
        below = values < comparable(low)
        y, values = np.where(below, low.data, y), np.where(below, comparable(low), values)
    if high is not None:
        y = np.where(comparable(high) < values, high.data, y)
    return Tensor(x.dtype, y)


def comparable(x: Tensor) -> NDArray[Any]:
    """The values of a tensor: integers as they are, for float64 does not hold all of them."""
    return x.data if isinstance(x.format, Integer) else decode(x)


def alternatives(
    x: Tensor,
    low: Tensor | None = None,
    high: Tensor | None = None,
    *,
    min: float = -LARGEST,
    max: float = LARGEST,
    opset: int,
) -> list[tuple[str, tuple[Tensor, ...]]]:
    """Where a limit is absent, the texts of opset 13 contradict each other on infinities: either reading."""
    lower, upper = limits(x, low, high, min, max, opset)
    lowest, highest = ends(x)
    if opset >= 13:
        other = _clip(x, lower or lowest, upper or highest, opset)
        return [
            ("an infinity becomes the largest finite number, as the text's defaults for absent limits say", (other,))
        ]
    if opset >= 11:
        return [("an absent limit limits nothing, as in the function body of Clip-13", (_clip(x, low, high, opset),))]
    return []


CLIP = Operator(
    "Clip",
    "",
    opsets=(6, 11, 12, 13),
    inputs=(1, 3),
    outputs=1,
    attributes={"min": Attribute("float", -LARGEST, until=11), "max": Attribute("float", LARGEST, until=11)},
    function=clip,
    alternatives=alternatives,
)
