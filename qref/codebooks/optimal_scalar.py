"""The exact scalar codebook: one-dimensional k-means solved, not approached.

Of all codes b and all codebooks C of V values, min Σ (w − C_b)². With x₁ < … < x_m the distinct weights, and n₁ … n_m
how often they occur, the clusters of an optimum are runs of neighbours, and its values their means. With D[k, j] the
least error of x₁ … x_j in k clusters,

    D[k, j] = min over i of D[k − 1, i] + d(i, j)        d(i, j) = Σ n x² − (Σ n x)² / Σ n over x_{i+1} … x_j

(Wang and Song, "Ckmeans.1d.dp: optimal k-means clustering in one dimension by dynamic programming", 2011, equation 1;
Grønlund, Larsen, Mathiasen, Nielsen, Schneider, Song, "Fast exact k-means, k-medians and Bregman divergence clustering
in 1D", 2017, section 2). Weights are whole multiples of 2⁻¹⁴⁹, so all of it is exact.

[seed: Codebook, from 32-bit to 2-bit; Code-based Quantization, scalar]
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import accumulate, pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qref.codebooks.clusters import Clusters, clusters_of, coded
from qref.errors import InvalidInput
from qref.numerics.philox import Stream
from qref.quantizers.encoded import Coded
from qref.quantizers.granularity import TENSOR, Granularity
from qref.quantizers.scheme import Scheme
from qref.quantizers.weights import finite

BITS = (1, 2, 3, 4, 5, 6, 7, 8)

Weights = NDArray[np.float32]


@dataclass(frozen=True)
class ScalarCodebook:
    """Codes of so many bits, from 1 to 8, and the codebook of the smallest squared error that there is, one a part."""

    bits: int
    granularity: Granularity = TENSOR

    def __post_init__(self) -> None:
        known_width(self.bits)

    def encode(self, W: Weights, *, inputs: NDArray[Any] | None = None, stream: Stream | None = None) -> Coded:
        """Codes of the clusters, and their exact means, rounded once to float32, in rising order.

        A part of fewer than V distinct weights has a value for each of them, and the largest again in the places that
        are left, whose codes never occur; a part without weights has zeros.

        Raises:
            InvalidInput: W is not float32 or not finite.
        """
        W, V = finite("W", W), 1 << self.bits
        return coded(W, self.granularity, self.bits, [optimal(w, V) for w in self.granularity.parts(W)])


def known_width(bits: int) -> None:
    """Raises InvalidInput for bits that are not 1 to 8."""
    if bits not in BITS:
        raise InvalidInput(f"a scalar codebook of {bits} bits: give 1 to 8")


def optimal(w: Weights, V: int) -> Clusters:
    """The clusters of the least Σ (w − C_b)²; of several optima, the one all of whose clusters begin the lowest.

    There is one such: where two partitions are optimal, so is the one that takes from both the lower beginnings, for d
    satisfies the quadrangle inequality d(a, c) + d(b, e) ≤ d(a, e) + d(b, c), a ≤ b ≤ c ≤ e.
    """
    x, n = distinct(w)
    return clusters_of(x, n, partition(x, n, min(V, len(x))), V)


def distinct(w: Weights) -> tuple[list[Fraction], list[int]]:
    """The distinct weights in rising order, and how often each occurs; zeros of either sign are one number."""
    x, n = np.unique(w.astype(np.float64) + 0.0, return_counts=True)
    return [Fraction(v) for v in x.tolist()], n.tolist()


def partition(x: list[Fraction], n: list[int], K: int) -> list[int]:
    """Where each of K ≤ m clusters begins in x; of several optima, the lowest places.

    The last cluster of the first j weights begins no lower for one weight or one cluster more, which the quadrangle
    inequality gives (Yao, "Efficient dynamic programming using quadrangle inequalities", 1980): only places between
    what is known of both are tried.
    """
    unit = max((v.denominator for v in x), default=1)  # whole numbers, of which the same partitions are optimal
    d, m = errors([int(v * unit) for v in x], n), len(x)
    D = [Fraction(0), *(d(0, j) for j in range(1, m + 1))]
    begins = [[0] * (m + 1)]
    for k in range(2, K + 1):
        first, shorter = [m] * (m + 2), D
        D = [Fraction(0)] * (m + 1)
        for j in range(m, k - 1, -1):
            tried = range(max(k - 1, begins[-1][j]), min(j - 1, first[j + 1]) + 1)
            D[j], first[j] = min((shorter[i] + d(i, j), i) for i in tried)
        begins.append(first)
    places, j = [], m
    for first in reversed(begins[1:]):
        j = first[j]
        places.append(j)
    return [0, *reversed(places)] if K else []


def errors(x: Sequence[Fraction | int], n: list[int]) -> Callable[[int, int], Fraction]:
    """d: from i < j to the error of x_{i+1} … x_j around their mean."""
    N = list(accumulate(n, initial=0))
    S = list(accumulate((c * v for c, v in zip(n, x)), initial=0))
    Q = list(accumulate((c * v * v for c, v in zip(n, x)), initial=0))

    def d(i: int, j: int) -> Fraction:
        count, total = N[j] - N[i], S[j] - S[i]
        return Fraction((Q[j] - Q[i]) * count - total * total, count)

    return d


def error(x: list[Fraction], n: list[int], begins: list[int]) -> Fraction:
    """Σ (w − C_b)² of a partition."""
    d = errors(x, n)
    return sum((d(i, j) for i, j in pairwise([*begins, len(x)])), Fraction(0))


SCALAR_CODEBOOK = Scheme(
    "scalar-codebook",
    "a codebook of the smallest squared error: one-dimensional k-means, solved exactly",
    ScalarCodebook,
    bits=BITS,
    usual=4,
    granularities=("tensor", "channel", "group"),
)
