"""Codes by thresholds: where exact boundaries lie among the float32 numbers, and how many of them a number reaches."""

from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qref.numerics.floats import float_format, nearest

FLOAT32 = float_format("float32")
BLOCK = 1 << 20


def at_least(boundary: Fraction) -> np.float32:
    """The smallest float32 that is not below the boundary."""
    found = np.float32(nearest(boundary, FLOAT32))
    return found if np.isinf(found) or _exact(found) >= boundary else np.nextafter(found, np.float32(np.inf))


def above(boundary: Fraction) -> np.float32:
    """The smallest float32 above the boundary."""
    found = at_least(boundary)
    return np.nextafter(found, np.float32(np.inf)) if _exact(found) == boundary else found


def passed(x: NDArray[np.float32], first: NDArray[np.float32]) -> NDArray[np.uint8]:
    """How many boundaries each number reaches. first: the first number beyond each boundary, ascending, at most 255."""
    codes = np.empty(x.size, np.uint8)
    flat = x.reshape(-1)
    for begin in range(0, flat.size, BLOCK):
        part = slice(begin, begin + BLOCK)
        codes[part] = np.searchsorted(first, flat[part], side="right")
    return codes.reshape(x.shape)


def _exact(x: Any) -> Fraction:
    return Fraction(float(x))
