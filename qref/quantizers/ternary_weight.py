"""Ternary weight networks: each part is a pattern of −1, 0 and +1 times one scale.

Li, Zhang, Liu, "Ternary weight networks", 2016, section 2: of all α ≥ 0 and T ∈ {−1, 0, +1}ⁿ, min ‖W − αT‖² has, for a
threshold Δ (equations 3 and 5),

    T = sign(w) where |w| > Δ, else 0        α = mean of |w| over |w| > Δ

and the best Δ maximizes (Σ |w|)² / j over the j weights above it (equation 6; the edition of 2022 prints "argmin"). The
paper takes Δ ≈ 0.7 · mean |w|, its edition of 2022 0.75. `TernaryWeight` is the approximation,
`TernaryExact` the optimum: the j largest magnitudes, for the best j.

[seed: Quantization, min ‖W − αB‖²; Li 2016 eq. 1, 3, 5, 6]
"""

from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qref.numerics.exact_totals import total
from qref.numerics.floats import float_format, nearest
from qref.numerics.philox import Stream
from qref.quantizers.descent import descend, exact
from qref.quantizers.encoded import Scaled
from qref.quantizers.granularity import CHANNEL, Granularity
from qref.quantizers.scheme import Scheme
from qref.quantizers.thresholds import above
from qref.quantizers.weights import finite

FLOAT32 = float_format("float32")
SHARE = Fraction(7, 10)  # of the mean of |w|

Weights = NDArray[np.float32]


def threshold(w: Weights) -> Fraction:
    """Δ = 7/10 · mean |w|, exact; 0 for no weights at all."""
    return SHARE * total(np.abs(w)) / w.size if w.size else Fraction(0)


def pattern(w: Weights, delta: Fraction) -> NDArray[np.int8]:
    """T = sign(w) where |w| > Δ, 0 where |w| ≤ Δ."""
    first = above(delta)
    return (w >= first).astype(np.int8) - (w <= -first).astype(np.int8)


def scale(w: Weights, T: NDArray[np.int8]) -> Fraction:
    """α = Wᵀ T / Tᵀ T, the mean of |w| where T is not 0, exact; 0 where T is 0 everywhere."""
    chosen = w[T != 0]
    return total(np.abs(chosen)) / chosen.size if chosen.size else Fraction(0)


@dataclass(frozen=True)
class TernaryWeight:
    """Ternary weights by the threshold 0.7 · mean |w| of each part (the paper's: a filter)."""

    granularity: Granularity = CHANNEL

    def encode(self, W: Weights, *, inputs: NDArray[Any] | None = None, stream: Stream | None = None) -> Scaled:
        """Codes −1, 0, +1, and the mean of the magnitudes above the threshold, rounded once to float32.

        Raises:
            InvalidInput: W is not float32 or not finite.
        """
        W = finite("W", W)
        return encoded(W, self.granularity, [threshold(w) for w in self.granularity.parts(W)])


def encoded(W: Weights, granularity: Granularity, deltas: list[Fraction]) -> Scaled:
    """Codes and scales of all parts, given the threshold of each."""
    codes = np.empty(W.shape, np.int8)
    scales = []
    for w, T, delta in zip(granularity.parts(W), granularity.parts(codes), deltas, strict=True):
        T[:] = pattern(w, delta)
        scales.append(nearest(scale(w, T), FLOAT32))
    return Scaled(codes, np.array(scales, np.float32), granularity, width=2)


@dataclass(frozen=True)
class TernaryExact:
    """Ternary weights of the smallest error that there is."""

    granularity: Granularity = CHANNEL

    def encode(self, W: Weights, *, inputs: NDArray[Any] | None = None, stream: Stream | None = None) -> Scaled:
        """Codes −1, 0, +1 of the j largest magnitudes for the best j, and their mean rounded once to float32.

        Raises:
            InvalidInput: W is not float32 or not finite.
        """
        W = finite("W", W)
        return encoded(W, self.granularity, [optimal_threshold(w) for w in self.granularity.parts(W)])


def optimal_threshold(w: Weights) -> Fraction:
    """The largest |w| that is left out by the j that maximizes (Σ of the j largest)² / j; of equal ones the smallest j.

    The optimum never parts equal magnitudes: with equal terms x the objective (S + x·i)² / (m + i) is convex in i.
    """
    gains, magnitudes = objective(w)
    if not gains:
        return Fraction(0)
    j = gains.index(max(gains)) + 1
    return magnitudes[j] if j < len(magnitudes) else Fraction(0)


def objective(w: Weights) -> tuple[list[Fraction], list[Fraction]]:
    """(Σ of the j largest |w|)² / j for each j, as far as weights are not 0, and the magnitudes, largest first."""
    magnitudes = sorted((Fraction(float(x)) for x in np.abs(w)), reverse=True)
    gains, S = [], Fraction(0)
    for j, magnitude in enumerate(magnitudes, 1):
        if magnitude == 0:
            break
        S += magnitude
        gains.append(S * S / j)
    return gains, magnitudes


def step(W: Weights, g: Weights, eta: float) -> Weights:
    """W' = W − η g, rounded once: g = ∂L/∂(αT) reaches the real weights as it is (algorithm 1, lines 9 and 10)."""
    return descend(finite("W", W), exact(finite("g", g)), eta)


TERNARY = Scheme(
    "ternary",
    "weights −α, 0 and α: |w| above 0.7 of its mean, α the mean of those",
    lambda bits, granularity: TernaryWeight(granularity),
    bits=(2,),
    usual=2,
    granularities=("channel", "tensor", "group"),
)
TERNARY_EXACT = Scheme(
    "ternary-exact",
    "weights −α, 0 and α of the smallest squared error",
    lambda bits, granularity: TernaryExact(granularity),
    bits=(2,),
    usual=2,
    granularities=("channel", "tensor", "group"),
)
