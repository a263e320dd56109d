"""KL divergence: clip where the least information is lost between the histogram and its quantized form.

Migacz, "8-bit inference with TensorRT", GTC 2017, "Entropy Calibration - pseudocode", "Candidate distribution Q": for
every number i of bins from `levels` on

    P = bins 0 … i−1, all that lies beyond added to bin i−1
    Q = bins 0 … i−1 (nothing added) merged into `levels` levels, each spread evenly over those of its bins where P ≠ 0
    D = Σ p·ln(p/q)    of both divided by their sums

and T = (m + 1/2)·width of the m of the least D.

Left open there: which bins a level has where `levels` does not divide i (here bin b is of level ⌊b·levels/i⌋, so that
levels differ by one bin at most; ONNX Runtime gives all but the last ⌊i/levels⌋ bins, and up to levels − 1 more to the
last), what holds where Q = 0 < P (D = ∞; ONNX Runtime lends both 0.0001), whether i = bins is tried (yes: nothing is
clipped then, and D is finite), and which of several least D is taken (that of the smallest T, as the pseudocode's and
ONNX Runtime's minimum do). ONNX Runtime works on signed numbers, bins on both sides of zero.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from decimal import ROUND_HALF_EVEN, Context, Decimal, localcontext
from fractions import Fraction
from math import inf
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from qref.errors import InvalidInput
from qref.quantizers.calibration.histogram import Histogram

CONTEXT = Context(prec=60, rounding=ROUND_HALF_EVEN)
EQUAL = Decimal(10) ** -40  # of sums of a million logarithms to 60 digits; no closer, but equal, are known
NEAR = 2.0**-30  # float64's D is nearer to D than half of this


@dataclass(frozen=True)
class Divergence:
    """levels: the levels of a quantized magnitude, at most as many as bins; TensorRT's 128."""

    levels: int = 128
    histogram: Histogram = field(default_factory=Histogram)

    def __post_init__(self) -> None:
        if not 1 <= self.levels <= self.histogram.bins:
            raise InvalidInput(f"levels is {self.levels}: give 1 to the number of bins, {self.histogram.bins}")

    def update(self, batch: NDArray[Any]) -> Self:
        """As `Calibrator.update`."""
        return replace(self, histogram=self.histogram.update(batch))

    def range(self) -> tuple[float, float]:
        """T = (m + 1/2)·width."""
        m = best(self.histogram.found, self.levels) if self.histogram.found.any() else 0
        return self.histogram.clipped((m + Fraction(1, 2)) * self.histogram.width)


def best(counts: NDArray[np.int64], levels: int) -> int:
    """The number m of bins of the least D, the smallest of several. counts: not all zero."""
    near = [divergence(*terms(counts, i, levels)) for i in range(levels, counts.size + 1)]
    bar = min(near) + NEAR
    least, m = Decimal(inf), 0
    for i in (levels + k for k, D in enumerate(near) if bar >= D):
        D = exact_divergence(*terms(counts, i, levels))
        if least - D > EQUAL:
            least, m = D, i
    return m


def terms(
    counts: NDArray[np.int64], i: int, levels: int
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """Of every bin b < i with P ≠ 0: P, the count of its level, and in how many bins of the level P ≠ 0."""
    inside = counts[:i]
    P = inside.copy()
    P[-1] += counts[i:].sum()
    level = np.arange(i) * levels // i
    M = np.bincount(level, weights=inside, minlength=levels).astype(np.int64)
    z = np.bincount(level[P > 0], minlength=levels)
    level, P = level[P > 0], P[P > 0]
    return P, M[level], z[level]


def divergence(P: NDArray[np.int64], M: NDArray[np.int64], z: NDArray[np.int64]) -> float:
    """D = Σ p·ln(p/q) in float64, q = M/z divided by its sum."""
    if not M.all():
        return inf
    p, q = P / P.sum(), M / z
    return float(np.sum(p * np.log(p / (q / q.sum()))))


def exact_divergence(P: NDArray[np.int64], M: NDArray[np.int64], z: NDArray[np.int64]) -> Decimal:
    """D to 50 digits and more; terms p = q are left out, whose logarithm is 0."""
    N = int(P.sum())
    with localcontext(CONTEXT):
        return sum((Decimal(n) * r.ln() / N for n, r in _ratios(P, M, z, N)), Decimal(0))


def _ratios(P: NDArray[np.int64], M: NDArray[np.int64], z: NDArray[np.int64], N: int) -> Iterator[tuple[int, Decimal]]:
    """p/q, and the sum of P over the bins that share it: often many do."""
    rows, bins = np.unique(np.stack([P, M, z]), axis=1, return_counts=True)
    alike = [(n, m, k, times) for (n, m, k), times in zip(rows.T.tolist(), bins.tolist())]
    mass = sum(Fraction(times * m, k) for _, m, k, times in alike)  # Σ Q: the counts of all levels
    for n, m, k, times in alike:
        ratio = n * k * mass / (N * m)
        if ratio != 1:
            yield times * n, Decimal(ratio.numerator) / Decimal(ratio.denominator)
