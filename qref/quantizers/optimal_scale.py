"""Scale and codes of least squared error by alternation: each is optimal for the other, in turn, until nothing changes.

    min ‖W − αB‖²,  B ∈ {−K, …, K}ⁿ,  K = 2^(bits−1) − 1

    given α:  B = sgn(w) · min(⌊|w|/α + 1/2⌋, K)        given B:  α = Σ w·b / Σ b²

[seed: Optimization, min ‖W − αB‖², iterative optimization; K = 127] Seed and literature leave start and stop open: here
α starts at max|w|/K, the smallest scale that clips nothing, and the end is reached when B stays as it is.

That end is always reached. T(α) = Σ|w|·b / Σb² for the codes b of α never falls as α grows: where α passes a
boundary |w|/(k − 1/2) on its way down, Σ|w|·b grows by |w| and Σb² by 2k − 1, whose quotient is α/2, and T(α) ≥ α/2
since |w| ≥ (b − 1/2)·α ≥ b·α/2 for every b ≥ 1. So the scales α, T(α), T(T(α)) … run one way, past each of the n·K
boundaries at most once, and n·K + 1 steps always suffice. Σb² is never zero but for weights that are all zero.
"""

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qref.errors import InvalidInput
from qref.numerics.exact_totals import dot
from qref.numerics.floats import float_format, nearest
from qref.numerics.philox import Stream
from qref.quantizers.encoded import Scaled
from qref.quantizers.granularity import CHANNEL, Granularity
from qref.quantizers.scheme import Scheme
from qref.quantizers.weights import finite

FLOAT32 = float_format("float32")
WIDTHS = (2, 3, 4, 5, 6, 7, 8)
NEAR = 2.0**-40  # a quotient of float64 is within 2⁻⁵¹ of |w|/α: farther from a boundary, its side is certain

Weights = NDArray[np.float32]
Codes = NDArray[np.int16]


def highest_code(bits: int) -> int:
    """K = 2^(bits−1) − 1.

    Raises:
        InvalidInput: bits is not 2 to 8; with one bit K is 0, and the problem is that of Binary-Weight Networks.
    """
    if bits not in WIDTHS:
        binary = ": one bit is BinaryWeight's, whose codes are −1 and +1" if bits == 1 else ""
        raise InvalidInput(f"bits is {bits}: give 2 to 8{binary}")
    return 2 ** (bits - 1) - 1


def codes(w: Weights, alpha: Fraction, K: int) -> Codes:
    """B = sgn(w) · min(⌊|w|/α + 1/2⌋, K), each decided exactly; a weight halfway between two codes takes the larger.

    Args:
        w: finite float32, any shape. alpha: α > 0. K: the largest code, 1 to 255.
    """
    x = np.abs(w).astype(np.float64) / float(alpha) + 0.5
    b = np.minimum(np.floor(x), K)
    k = np.rint(x)
    near = (np.abs(x - k) <= NEAR * x) & (k >= 1) & (k <= K)
    if near.any():
        b[near] = [_code(Fraction(float(v)), alpha, K) for v in np.abs(w[near])]
    return np.where(w < 0, -b, b).astype(np.int16)


def _code(w: Fraction, alpha: Fraction, K: int) -> int:
    return min((2 * w + alpha) // (2 * alpha), K)


def best_scale(w: Weights, b: Codes) -> Fraction:
    """α = Σ w·b / Σ b², exact; 0 where all codes are 0."""
    squares = int(np.sum(b.astype(np.int64) ** 2))
    return dot(w, b) / squares if squares else Fraction(0)


def alternation(w: Weights, K: int, start: Fraction | None = None) -> Iterator[tuple[Fraction, Codes]]:
    """Every step: the scale, and the codes it gives; the last ones are those of the scale after it as well.

    Args:
        w: finite float32, some weight not zero. K: the largest code. start: the first α, max|w|/K where it is None.
    """
    alpha = Fraction(float(np.abs(w).max())) / K if start is None else start
    b = codes(w, alpha, K)
    while True:
        yield alpha, b
        alpha = best_scale(w, b)
        after = codes(w, alpha, K)
        if np.array_equal(after, b):
            yield alpha, b
            return
        b = after


def alternate(w: Weights, K: int) -> tuple[Fraction, Codes]:
    """Scale and codes where alternation ends; 0 and zeros for weights that are all zero."""
    if not w.any():
        return Fraction(0), np.zeros(w.shape, np.int16)
    return deque(alternation(w, K), maxlen=1).pop()


@dataclass(frozen=True)
class OptimalScale:
    """min ‖W − αB‖² by alternation, one scale a part."""

    bits: int = 8
    granularity: Granularity = CHANNEL

    def encode(
        self, W: NDArray[np.float32], *, inputs: NDArray[Any] | None = None, stream: Stream | None = None
    ) -> Scaled:
        """Codes of the exact scale of each part, and that scale rounded once to float32.

        Raises:
            InvalidInput: W is not float32 or not finite, or bits is not 2 to 8.
        """
        K = highest_code(self.bits)
        W = finite("W", W)
        found = [alternate(w, K) for w in self.granularity.parts(W)]
        return scaled(W.shape, found, self.granularity, self.bits)


def scaled(shape: tuple[int, ...], found: list[tuple[Fraction, Codes]], granularity: Granularity, bits: int) -> Scaled:
    """The encoded tensor of the scale and the codes of every part."""
    B = np.empty(shape, np.int8)
    for b, (_, own) in zip(granularity.parts(B), found):
        b[:] = own
    return Scaled(B, np.array([nearest(alpha, FLOAT32) for alpha, _ in found], np.float32), granularity, bits)


OPTIMAL_SCALE = Scheme(
    "optimal-scale",
    "scale and codes in turn until codes stay (min ‖W − αB‖²)",
    lambda bits, granularity: OptimalScale(bits, granularity),
    bits=WIDTHS,
    usual=8,
    granularities=("channel", "tensor", "group"),
    iterative=True,
)
