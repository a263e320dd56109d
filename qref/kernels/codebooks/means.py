"""Means of float32 numbers, rounded once: of sums that two float64 numbers hold without any error."""

from typing import Any

import numpy as np
from numba import float32, float64, int64, njit, types

MOST = 1 << 26  # numbers in a sum


@njit(types.UniTuple(float64, 2)(float64, float64), cache=True)
def two_sum(a: Any, b: Any) -> Any:
    """The sum rounded, and what it lacks (Knuth, "The Art of Computer Programming", volume 2, 4.2.2, theorem B)."""
    total = a + b
    part = total - a
    return total, (a - (total - part)) + (b - part)


@njit(float32(float64, float64, int64), cache=True)
def quotient(high: Any, low: Any, n: Any) -> Any:
    """(high + low) / n rounded to float32, half to even; |low| at most half a unit of `high`, n at most MOST.

    high / n in float32 is the result or next to it. Its n-fold, what the sum has beyond that, and the n-fold of half
    the way to the next float32 number have no error in float64.
    """
    found = np.float32(high / n)
    rest = high - np.float64(found) * n
    up = rest > 0 or (rest == 0 and low > 0)
    other = np.nextafter(found, np.float32(np.inf) if up else np.float32(-np.inf))
    half = abs(np.float64(other) / 2 - np.float64(found) / 2) * n
    beyond, finer = (rest - half, low) if up else (-rest - half, -low)
    odd = np.float32(found).view(np.int32) & 1
    if beyond > 0 or (beyond == 0 and (finer > 0 or (finer == 0 and odd))):
        found = other
    return found + np.float32(0)  # no negative zero
