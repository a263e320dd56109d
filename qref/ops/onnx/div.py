"""Div: C = A / B, broadcast.

ONNX Div-7, -13, -14 (the limited broadcasting of Div-1 and -6 is left out): "For integer inputs, the result is computed
using truncating division (rounding toward zero)".
"""

from dataclasses import replace

import numpy as np

from qref.errors import NotFixed
from qref.numerics.floats import decode, divide, float_format
from qref.numerics.tensor import Tensor
from qref.ops.bound import Bound
from qref.ops.onnx.binary_arithmetic import OPSETS, bounded, elementwise
from qref.ops.operator import Operator

RECIPROCAL = "a product with the rounded reciprocal"


def div(a: Tensor, b: Tensor, *, opset: int = 14) -> Tensor:
    """A / B. Floats: rounded once; x / 0 is an infinity, 0 / 0 and ∞ / ∞ are NaN. Integers: truncated toward zero.

    Args:
        a, b: one type, shapes that broadcast.

    Raises:
        InvalidInput: types or shapes that the text rejects.
        NotFixed: an integer divided by zero; the lowest integer divided by −1.
    """
    return elementwise(a, b, divide, truncated, opset)


def truncated(a: int, b: int) -> int:
    """a / b without its fraction, exact for integers of any size. Raises NotFixed for b = 0."""
    if b == 0:
        raise NotFixed("an integer divided by zero: no text says what it gives")
    magnitude = abs(a) // abs(b)
    return magnitude if (a < 0) == (b < 0) else -magnitude


def bound(a: Tensor, b: Tensor, *, opset: int) -> list[Bound] | None:
    """Correctly rounded; a · (1 / b) with two roundings is acceptable, within 2 units in the last place."""
    found = bounded(div, a, b, opset)
    if found is None:
        return None
    y = div(a, b, opset=opset)
    format, golden = float_format(y.dtype), np.abs(decode(y))
    finite = np.isfinite(golden)
    _, e = np.frexp(np.where(finite, np.maximum(golden, format.smallest_normal), 1.0))
    ulp = np.where(finite, np.ldexp(2 * format.unit_roundoff, e - 1), 0.0)
    return [replace(one, wider=(*one.wider, (RECIPROCAL, 2 * ulp))) for one in found]


DIV = Operator("Div", "", OPSETS, inputs=(2, 2), outputs=1, attributes={}, function=div, bound=bound)
