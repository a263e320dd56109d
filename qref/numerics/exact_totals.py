"""Totals of whole float32 arrays as exact rationals, fast enough for a hundred million weights.

A float32 is an integer mantissa of 24 bits times a power of two, of which there are 277. Added up exponent by exponent,
mantissas stay integers below 2⁵³, so float64 adds them without rounding; what is left are 277 integers at their places.
"""

from collections.abc import Iterator
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray

BLOCK = 1 << 20  # elements at a time: 2⁴⁸ (a square's mantissa) is summed in halves, 2²⁰ · 2³¹ stays below 2⁵³

Weights = NDArray[np.float32]


def total(x: Weights) -> Fraction:
    """Σ x, exact. x: finite float32, any shape."""
    return dot(x, None)


def dot(x: Weights, b: NDArray[Any] | None) -> Fraction:
    """Σ x·b, exact. x: finite float32. b: integers |b| < 2⁸ of x's shape, or None for ones."""
    sums: dict[int, int] = {}
    for part in _blocks(x):
        mantissa, exponent = np.frexp(x.reshape(-1)[part])
        whole = np.ldexp(mantissa.astype(np.float64), 24)
        _add(sums, exponent, whole if b is None else whole * b.reshape(-1)[part], 24)
    return _rational(sums)


def sum_of_squares(x: Weights) -> Fraction:
    """Σ x², exact. x: finite float32, any shape.

    A mantissa m = h·2¹² + l squared is h²·2²⁴ + 2hl·2¹² + l².
    """
    sums: dict[int, int] = {}
    for part in _blocks(x):
        mantissa, exponent = np.frexp(x.reshape(-1)[part])
        m = np.abs(np.ldexp(mantissa.astype(np.float64), 24))
        h = np.floor(m / 4096)
        low = m - 4096 * h
        for product, places in ((h * h, 24), (2 * h * low, 12), (low * low, 0)):
            _add(sums, 2 * exponent, product, 48 - places)
    return _rational(sums)


def _blocks(x: Weights) -> Iterator[slice]:
    for begin in range(0, x.size, BLOCK):
        yield slice(begin, begin + BLOCK)


def _add(sums: dict[int, int], exponent: NDArray[np.int32], whole: NDArray[np.float64], places: int) -> None:
    """Adds Σ whole · 2^(exponent − places), one integer an exponent."""
    lowest = int(exponent.min())
    for i, found in enumerate(np.bincount(exponent - lowest, weights=whole)):
        if found:
            place = lowest + i - places
            sums[place] = sums.get(place, 0) + int(found)


def _rational(sums: dict[int, int]) -> Fraction:
    if not sums:
        return Fraction(0)
    lowest = min(sums)
    return Fraction(sum(whole << (place - lowest) for place, whole in sums.items())) * Fraction(2) ** lowest
