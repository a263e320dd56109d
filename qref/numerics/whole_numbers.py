"""Finite float32 numbers as whole numbers: every one is a multiple of 2⁻¹⁴⁹, so sums and products need no rounding.

Python's integers have no length, and NumPy's arrays of objects add and multiply them.
"""

from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray

PLACES = 149
STEP = Fraction(1, 1 << PLACES)

Whole = NDArray[np.object_]


def whole(x: NDArray[Any]) -> Whole:
    """x·2¹⁴⁹ as Python integers. x: finite float32 numbers or integers, any shape."""
    values = np.asarray(x, np.float64)
    found = np.empty(values.size, object)
    found[:] = [_multiple(value) for value in values.reshape(-1).tolist()]
    return found.reshape(values.shape)


def _multiple(value: float) -> int:
    numerator, denominator = value.as_integer_ratio()
    return (numerator << PLACES) // denominator


def coarsest(*arrays: Whole) -> int:
    """The largest power of two that divides every number of the arrays, 1 where all are 0."""
    merged = 0
    for array in arrays:
        for number in array.reshape(-1).tolist():
            merged |= abs(number)
    return merged & -merged or 1


def exact_in_float32(total: int, step: int) -> bool:
    """Whether sums of multiples of `step` whose magnitudes add up to `total` are exact in float32, in any order."""
    return total <= step << 24
