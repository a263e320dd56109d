"""Exact sums of the first p of many float32 numbers, for any p that is asked for."""

from bisect import bisect_right, insort
from typing import Any

import numpy as np
from numba import int32, int64, njit, void
from numpy.typing import NDArray

EXPONENTS = 256


@njit(void(int32[::1], int64, int64, int64[::1]), cache=True)
def by_exponent(x: Any, begin: int, end: int, sums: Any) -> None:
    """Adds the signed mantissas of x[begin:end] up, one sum an exponent. x: float32 numbers by their bits."""
    for i in range(begin, end):
        exponent = (x[i] >> 23) & 0xFF
        mantissa = np.int64(x[i] & 0x7FFFFF) | (np.int64(exponent != 0) << 23)
        sums[exponent] += -mantissa if x[i] < 0 else mantissa


class ExactPrefix:
    """P(p) = 2¹⁴⁹ Σ x[:p], a whole number. What was asked for is kept: only the way to the nearest of it is added up.

    x: finite float32, at most 2³⁹ of them: mantissas of 24 bits add up below 2⁶³.
    """

    def __init__(self, x: NDArray[np.float32]) -> None:
        self._bits = x.view(np.int32)
        self._places = [0]
        self._sums = {0: 0}

    def __call__(self, p: int) -> int:
        if p not in self._sums:
            i = bisect_right(self._places, p)
            below, above = self._places[i - 1], self._places[i] if i < len(self._places) else None
            if above is not None and above - p < p - below:
                self._sums[p] = self._sums[above] - self._between(p, above)
            else:
                self._sums[p] = self._sums[below] + self._between(below, p)
            insort(self._places, p)
        return self._sums[p]

    def _between(self, begin: int, end: int) -> int:
        sums = np.zeros(EXPONENTS, np.int64)
        by_exponent(self._bits, begin, end, sums)
        return sum(int(sums[e]) << max(int(e) - 1, 0) for e in np.flatnonzero(sums))
