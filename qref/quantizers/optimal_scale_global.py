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

from collections.abc import Iterator
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
    best = max(near_best(a, K), key=lambda one: (one.gain, one.scale))
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


def near_best(a: Weights, K: int, near: float = NEAR) -> list[Candidate]:
    """All candidates whose gain is within `near` of the largest, as far as float64 tells; the best are among them.

    Args:
        a: magnitudes [n], n > 0, none of them zero. K: the largest code. near: 1 gives every candidate.
    """
    spans = [(high, low, float(_boundaries(a, K, high, low).gains.max())) for high, low in _spans(a, K)]
    bar = max(top for *_, top in spans) * (1 - near)
    found = (_exact(_boundaries(a, K, high, low), bar) for high, low, top in spans if top >= bar)
    return [one for own in found for one in own]


def _spans(a: Weights, K: int) -> Iterator[tuple[Fraction, Fraction]]:
    """Spans of α, from the largest down, with CHUNK boundaries at most unless they are within 2⁻⁴⁰ of each other."""
    waiting = [(4 * float(a.max()), float(a.min()) / (2 * K))]
    while waiting:
        high, low = waiting.pop()
        above, below = (codes(a, Fraction(alpha), K) for alpha in (high, low))
        count = int((below - above).sum(dtype=np.int64))
        if count > CHUNK and high > low * (1 + 2.0**-40):
            middle = sqrt(high) * sqrt(low)
            waiting += [(middle, low), (high, middle)]
        elif count:
            yield Fraction(high), Fraction(low)


@dataclass(frozen=True, eq=False)
class Boundaries:
    """What is added at the boundaries of a span, from the largest α down: |w| to S, 2k − 1 to Q.

    S, Q: before the first. last: whether the next boundary has another α, so that the codes are those of a rounding.
    """

    S: Fraction
    Q: int
    magnitudes: NDArray[np.float64]
    odds: NDArray[np.int64]
    last: NDArray[np.bool_]

    @property
    def gains(self) -> NDArray[np.float64]:
        """S²/Q behind each boundary, in float64."""
        return (float(self.S) + np.cumsum(self.magnitudes)) ** 2 / (self.Q + np.cumsum(self.odds))


def _boundaries(a: Weights, K: int, high: Fraction, low: Fraction) -> Boundaries:
    """Those with low ≤ α < high: w of code b₁ above and b₂ below passes k = b₁ + 1 … b₂.

    float64 quotients order them as they are: two that differ do so by 2⁻³³ of themselves or more.
    """
    above, below = codes(a, high, K).astype(np.int64), codes(a, low, K).astype(np.int64)
    i = np.repeat(np.arange(a.size), below - above)
    first = np.cumsum(below - above) - (below - above)
    k = np.arange(i.size) - first[i] + above[i] + 1
    alpha = a[i].astype(np.float64) / (k - 0.5)
    order = np.argsort(-alpha, kind="stable")
    i, k, alpha = i[order], k[order], alpha[order]
    last = np.append(alpha[1:] != alpha[:-1], True)
    return Boundaries(dot(a, above), int(np.sum(above**2)), a[i].astype(np.float64), 2 * k - 1, last)


def _exact(found: Boundaries, bar: float) -> list[Candidate]:
    """The candidates whose gain reaches `bar`, exact."""
    wanted = np.flatnonzero((found.gains >= bar) & found.last)
    candidates, S, Q, done = [], found.S, found.Q, 0
    for i in wanted.tolist():
        S += dot(found.magnitudes[done : i + 1].astype(np.float32), None)
        Q += int(found.odds[done : i + 1].sum())
        done = i + 1
        candidates.append(Candidate(S, Q))
    return candidates


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
