"""The least squared error that any scale and codes have: min ‖W − αB‖², solved exactly.

For codes B the best scale α = Σ w·b / Σ b² leaves the error ‖W‖² − (Σ w·b)² / Σ b². For a scale the best codes are
the rounding, and as α falls from ∞ to 0 a magnitude passes from k − 1 to k where α = |w|/(k − 1/2), k = 1 … K. So there
are n·K boundaries and one B between each and the next: all of them are tried, from the largest α down, each boundary
adding |w| to S = Σ|w|·b and 2k − 1 to Q = Σ b².

Of several B with the same least error the one with the largest α is taken, the one of the smallest codes: a single
weight is 1·|w|. No weight lies on a boundary at an optimum: either code would have the same error for this α, and α
would be the best scale of one of them only.

[seed: Optimization, min ‖W − αB‖²; the seed has the alternation of `optimal_scale`]
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import sqrt
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qref.numerics.exact_totals import dot
from qref.numerics.philox import Stream
from qref.quantizers.encoded import Scaled
from qref.quantizers.granularity import CHANNEL, Granularity
from qref.quantizers.optimal_scale import WIDTHS, Codes, Weights, codes, highest_code, scaled
from qref.quantizers.scheme import Scheme
from qref.quantizers.weights import finite

CHUNK = 1 << 20  # boundaries at a time
NEAR = 2.0**-30  # float64 sums over a chunk stay within 2⁻³³ of themselves, gains within 2⁻³²: the larger is certain


def optimum(w: Weights, K: int) -> tuple[Fraction, Codes]:
    """α and B of the least ‖w − αB‖² over all α and all B in {−K, …, K}ⁿ.

    Args:
        w: finite float32, any shape. K: the largest code, 1 to 255.

    Returns:
        α exact, the largest of several; B of w's shape. The error is ‖w‖² − α·Σ w·b. 0 and zeros where w is all zero.
    """
    a = np.abs(w[w != 0])
    if not a.size:
        return Fraction(0), np.zeros(w.shape, np.int16)
    best = best_between(a, K, list(spans(a, K)))
    return best.scale, codes(w, best.scale, K)


@dataclass(frozen=True)
class Candidate:
    """The codes between two boundaries, by S = Σ|w|·b and Q = Σ b²."""

    S: Fraction
    Q: int

    @property
    def scale(self) -> Fraction:
        """α = S/Q."""
        return self.S / self.Q

    @property
    def gain(self) -> Fraction:
        """S²/Q, by which the error is less than ‖w‖²."""
        return self.S**2 / self.Q


def best_between(a: Weights, K: int, spans: Sequence[tuple[Fraction, Fraction]]) -> Candidate:
    """The candidate of the largest gain, and of several that of the largest α, whose codes some α of the spans has.

    Args:
        a: magnitudes [n], none of them zero. K: the largest code. spans: (high, low): low ≤ α < high.
    """
    return max(candidates(a, K, spans), key=lambda one: (one.gain, one.scale))


def candidates(
    a: Weights, K: int, spans: Sequence[tuple[Fraction, Fraction]], near: float = NEAR
) -> Iterator[Candidate]:
    """Those whose gain is within `near` of the largest, as far as float64 tells; with 1 all of them."""
    tops = [float(_boundaries(a, K, high, low).gains.max()) for high, low in spans]
    bar = max(tops) * (1 - near)
    for (high, low), top in zip(spans, tops):
        if top >= bar:
            yield from _exact(_boundaries(a, K, high, low), bar)


def spans(a: Weights, K: int) -> Iterator[tuple[Fraction, Fraction]]:
    """Spans of α, from the largest down, with CHUNK boundaries at most unless they are within 2⁻⁴⁰ of each other."""
    ends = 4 * float(a.max()), float(a.min()) / (2 * K)
    waiting = [tuple((end, codes(a, Fraction(end), K)) for end in ends)]
    while waiting:
        (high, above), (low, below) = waiting.pop()
        count = int((below - above).sum(dtype=np.int64))
        if count > CHUNK and high > low * (1 + 2.0**-40):
            middle = sqrt(high) * sqrt(low)
            between = middle, codes(a, Fraction(middle), K)
            waiting += [(between, (low, below)), ((high, above), between)]
        elif count:
            yield Fraction(high), Fraction(low)


@dataclass(frozen=True, eq=False)
class Boundaries:
    """S and Q above a span of α, and what its boundaries add, from the largest α down: |w| and 2k − 1.

    alone: of the codes above, and of those behind each boundary, whether they are a rounding's: the next boundary has
    another α.
    """

    S: Fraction
    Q: int
    magnitudes: Weights
    odds: NDArray[np.int64]
    alone: NDArray[np.bool_]

    @property
    def gains(self) -> NDArray[np.float64]:
        """S²/Q of the codes above and behind each boundary, in float64; 0 of zeros."""
        S = np.cumsum(np.append(float(self.S), self.magnitudes), dtype=np.float64)
        return S**2 / np.maximum(np.cumsum(np.append(self.Q, self.odds)), 1)


def _boundaries(a: Weights, K: int, high: Fraction, low: Fraction) -> Boundaries:
    """Those with low ≤ α < high: w of code b₁ above and b₂ below passes k = b₁ + 1 … b₂.

    float64 quotients order them as they are: two that differ do so by 2⁻³³ of themselves or more.
    """
    above, below = codes(a, high, K).astype(np.int64), codes(a, low, K).astype(np.int64)
    i = np.repeat(np.arange(a.size), below - above)
    first = np.cumsum(below - above) - (below - above)
    k = np.arange(i.size) - first[i] + above[i] + 1
    alpha = a[i].astype(np.float64) / (k - 0.5)
    order = np.argsort(-alpha)
    i, k, alpha = i[order], k[order], alpha[order]
    alone = np.diff(alpha, prepend=np.inf, append=0.0) != 0
    return Boundaries(dot(a, above), int(np.sum(above**2)), a[i], 2 * k - 1, alone)


def _exact(found: Boundaries, bar: float) -> Iterator[Candidate]:
    """The candidates whose gain reaches `bar`, exact: magnitudes as integers times the smallest subnormal, 2⁻¹⁴⁹."""
    whole = np.ldexp(found.magnitudes.astype(np.float64), 149)
    S, Q, done = found.S, found.Q, 0
    for i in np.flatnonzero((found.gains >= bar) & found.alone).tolist():
        S += Fraction(sum(map(int, whole[done:i].tolist())), 1 << 149)
        Q += int(found.odds[done:i].sum())
        done = i
        if Q:
            yield Candidate(S, Q)


@dataclass(frozen=True)
class OptimalScaleGlobal:
    """min ‖W − αB‖², one scale a part, none better."""

    bits: int = 8
    granularity: Granularity = CHANNEL

    def encode(
        self, W: NDArray[np.float32], *, inputs: NDArray[Any] | None = None, stream: Stream | None = None
    ) -> Scaled:
        """The optimal codes, and the optimal scale of each part rounded once to float32.

        Raises:
            InvalidInput: W is not float32 or not finite, or bits is not 2 to 8.
        """
        K = highest_code(self.bits)
        W = finite("W", W)
        found = [optimum(w, K) for w in self.granularity.parts(W)]
        return scaled(W.shape, found, self.granularity, self.bits)


OPTIMAL_SCALE_GLOBAL = Scheme(
    "optimal-scale-global",
    "the least ‖W − αB‖² of all scales and codes",
    lambda bits, granularity: OptimalScaleGlobal(bits, granularity),
    bits=WIDTHS,
    usual=8,
    granularities=("channel", "tensor", "group"),
    iterative=True,
)
