"""A histogram of magnitudes that grows with its batches, for the calibrators that choose where to clip.

All bins have the width 2^e / bins: 2^e is the smallest power of two above every magnitude so far. Where a batch goes
beyond, 2^e doubles as often as is needed, each time two neighbouring bins become one: counts are those that the larger
histogram would have had from the start. So it does not matter how numbers are cut into batches, nor in which order
they come.

Others let the first batch set the width and add bins of that width (ONNX Runtime's HistogramCollector, NVIDIA's
pytorch-quantization): there the same numbers in another order give another histogram, of another size.
"""

from dataclasses import dataclass, replace
from fractions import Fraction
from math import frexp
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from qref.errors import InvalidInput
from qref.numerics.floats import float_format, nearest
from qref.quantizers.weights import finite

FLOAT32 = float_format("float32")
MOST = 1 << 20  # bins


@dataclass(frozen=True, eq=False)
class Histogram:
    """bins: their number, even. counts: int64 [bins]. exponent: e, None while all numbers are zero. lowest, highest: of
    all numbers and zero.
    """

    bins: int = 2048
    counts: NDArray[np.int64] | None = None
    exponent: int | None = None
    lowest: float = 0.0
    highest: float = 0.0

    def __post_init__(self) -> None:
        if not 2 <= self.bins <= MOST or self.bins % 2:
            raise InvalidInput(f"bins is {self.bins}: give an even number from 2 to {MOST}")

    @property
    def found(self) -> NDArray[np.int64]:
        """The counts, zeros before the first batch."""
        return np.zeros(self.bins, np.int64) if self.counts is None else self.counts

    @property
    def width(self) -> Fraction:
        """2^e / bins, 0 while all numbers are zero."""
        return Fraction(0) if self.exponent is None else Fraction(2) ** self.exponent / self.bins

    def update(self, batch: NDArray[Any]) -> Self:
        """The histogram with a batch added. Raises InvalidInput where batch is not float32 or not finite."""
        x = finite("batch", batch).reshape(-1)
        if not x.size:
            return self
        a = np.abs(x)
        e = _exponent(float(a.max()), self.exponent)
        counts = self.found if self.exponent is None or e is None else merged(self.found, e - self.exponent)
        places = np.zeros(a.size, np.int64) if e is None else _places(a, self.bins, e)
        return replace(
            self,
            counts=counts + np.bincount(places, minlength=self.bins),
            exponent=e,
            lowest=min(self.lowest, float(x.min())),
            highest=max(self.highest, float(x.max())),
        )

    def clipped(self, threshold: Fraction) -> tuple[float, float]:
        """−T to T, but no farther than the numbers go; T rounded once to float32."""
        T = nearest(threshold, FLOAT32)
        return max(self.lowest, -T), min(self.highest, T)


def merged(counts: NDArray[np.int64], times: int) -> NDArray[np.int64]:
    """The counts after 2^e has doubled so many times: pairs of neighbours become one bin, the upper half is empty."""
    for _ in range(times):
        pairs = counts.reshape(-1, 2).sum(axis=1)
        counts = np.concatenate([pairs, np.zeros_like(pairs)])
    return counts


def _exponent(largest: float, before: int | None) -> int | None:
    """The least e with 2^e > largest, not below that of before."""
    if largest == 0:
        return before
    e = frexp(largest)[1]  # largest = f·2^e, 1/2 ≤ f < 1
    return e if before is None else max(e, before)


def _places(a: NDArray[np.float32], bins: int, e: int) -> NDArray[np.int64]:
    """⌊a·bins / 2^e⌋, which float64 holds exactly: 24 bits times 20."""
    return np.floor(np.ldexp(a.astype(np.float64) * bins, -e)).astype(np.int64)
