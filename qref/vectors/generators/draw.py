"""Numbers for cases: the same on every run and every platform, a stream for each name.

Everything is made of Philox words and integer arithmetic, or of float operations that IEEE 754 rounds exactly; no libm.
"""

import hashlib
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qref.numerics.philox import words


class Draw:
    """A stream of numbers that depends on `name` alone."""

    def __init__(self, name: str) -> None:
        self._seed = int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], "little")
        self._tensor = 0

    def words(self, count: int) -> NDArray[np.uint32]:
        """The next `count` words, from a tensor of their own."""
        self._tensor += 1
        return words(self._seed, self._tensor, count)

    def integers(self, lowest: int, highest: int, shape: tuple[int, ...]) -> NDArray[Any]:
        """Integers from [lowest, highest], evenly but for the bias of a remainder of 32 bits."""
        count = int(np.prod(shape, dtype=np.int64))
        return (self.words(count).astype(np.int64) % (highest - lowest + 1) + lowest).reshape(shape)

    def edges(self, lowest: int, highest: int, shape: tuple[int, ...]) -> NDArray[Any]:
        """Integers from [lowest, highest], half of them within two of an end or of zero."""
        anywhere = self.integers(lowest, highest, shape)
        special = np.array(
            sorted({v for v in (lowest, lowest + 1, -1, 0, 1, highest - 1, highest) if lowest <= v <= highest})
        )
        picked = special[self.integers(0, len(special) - 1, shape)]
        return np.where(self.integers(0, 1, shape) == 1, anywhere, picked)

    def float32(self, lowest_exponent: int, highest_exponent: int, shape: tuple[int, ...] = ()) -> NDArray[np.float32]:
        """Positive normal float32 numbers 1.m · 2^e with e from the range and 23 random bits m."""
        mantissa = self.integers(0, 2**23 - 1, shape)
        exponent = self.integers(lowest_exponent, highest_exponent, shape)
        return np.ldexp((mantissa + 2**23).astype(np.float64), exponent - 23).astype(np.float32)

    def signed_float32(
        self, lowest_exponent: int, highest_exponent: int, shape: tuple[int, ...]
    ) -> NDArray[np.float32]:
        """As `float32`, with random signs."""
        sign = 1 - 2 * self.integers(0, 1, shape)
        return (self.float32(lowest_exponent, highest_exponent, shape) * sign).astype(np.float32)
