"""The scalar codebook of Deep Compression: Lloyd's algorithm on the weights, and the gradient of shared weights.

Han, Mao, Dally, "Deep compression: compressing deep neural networks with pruning, trained quantization and Huffman
coding", 2016. Weights are clustered by k-means to lower (section 3.1, equation 2)

    Σ_k Σ_{w ∈ c_k} |w − c_k|²

from one of three starts (section 3.2), and the codebook is trained by the sum of the gradients of all weights that
share a value (section 3.3, equation 3):

    ∂L/∂C_k = Σ_ij ∂L/∂W_ij · 1(I_ij = k)        C'_k = C_k − η · ∂L/∂C_k

[seed: Codebook, from 32-bit to 2-bit; Code-based Quantization, scalar]
"""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import accumulate, pairwise
from math import inf
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qref.codebooks.clusters import Clusters, coded, filled
from qref.codebooks.optimal_scalar import BITS, distinct, known_width
from qref.errors import InvalidInput
from qref.numerics.exact_totals import total
from qref.numerics.floats import float_format, nearest
from qref.numerics.philox import Stream
from qref.quantizers.descent import exact
from qref.quantizers.encoded import Coded
from qref.quantizers.granularity import TENSOR, Granularity
from qref.quantizers.scheme import Scheme
from qref.quantizers.weights import finite

FLOAT32 = float_format("float32")
STARTS = ("linear", "density", "random")
ITERATIONS = 100

Weights = NDArray[np.float32]


@dataclass(frozen=True)
class ScalarCodebookLloyd:
    """Codes of so many bits, from 1 to 8, and a codebook a part by Lloyd's algorithm.

    start: "linear", "density" or "random". iterations: how many there are at most, from 1 on.
    """

    bits: int
    granularity: Granularity = TENSOR
    start: str = "linear"
    iterations: int = ITERATIONS

    def __post_init__(self) -> None:
        known_width(self.bits)
        if self.start not in STARTS:
            raise InvalidInput(f"start {self.start!r} is not one of {', '.join(STARTS)}")
        if self.iterations < 1:
            raise InvalidInput(f"{self.iterations} iterations: give 1 at least")

    def encode(self, W: Weights, *, inputs: NDArray[Any] | None = None, stream: Stream | None = None) -> Coded:
        """Codes of the last assignment, and the values that it gives, exact until they are rounded once to float32.

        Raises:
            InvalidInput: W is not float32 or not finite, or the start is random and there is no stream.
        """
        W, V = finite("W", W), 1 << self.bits
        words = self.words(W.shape, stream)
        starts = [start(w, V, self.start, word) for w, word in zip(self.granularity.parts(W), words)]
        found = [lloyd(w, C, V, self.iterations) for w, C in zip(self.granularity.parts(W), starts)]
        return coded(W, self.granularity, self.bits, found)

    def words(self, shape: tuple[int, ...], stream: Stream | None) -> NDArray[np.uint32]:
        """V random words a part, [parts, V]; zeros where the start draws nothing."""
        parts, V = self.granularity.count(shape), 1 << self.bits
        if self.start != "random":
            return np.zeros((parts, V), np.uint32)
        if stream is None:
            raise InvalidInput("the start random draws a word a value: give a stream")
        return stream.words(parts * V).reshape(parts, V)


def start(w: Weights, V: int, kind: str, words: NDArray[np.uint32]) -> list[Fraction]:
    """The distinct centroids to begin with, in rising order, at most V; none of a part without weights."""
    if not w.size:
        return []
    if kind == "random":
        return sorted(set(drawn(w, V, words)))
    return sorted(set(linear(w, V) if kind == "linear" else density(np.sort(w), V)))


def linear(w: Weights, V: int) -> list[Fraction]:
    """min w + j (max w − min w) / (V − 1), j = 0 … V − 1."""
    low, high = Fraction(float(w.min())), Fraction(float(w.max()))
    return [low + j * (high - low) / (V - 1) for j in range(V)]


def density(x: Weights, V: int) -> list[Fraction]:
    """Where the cumulative distribution reaches (j + 1/2) / V: of the sorted weights x the ⌈(2j + 1) N / 2V⌉-th."""
    return [Fraction(float(x[-(-(2 * j + 1) * x.size // (2 * V)) - 1])) for j in range(V)]


def drawn(w: Weights, V: int, words: NDArray[np.uint32]) -> list[Fraction]:
    """min(V, N) weights: of those not drawn yet, r of them, in C order, number ⌊r u⌋, u = 2⁻³² times the next word."""
    taken: list[int] = []
    for word in words[: min(V, w.size)].tolist():
        place = word * (w.size - len(taken)) >> 32
        for before in sorted(taken):
            place += before <= place
        taken.append(place)
    return [Fraction(float(w[place])) for place in taken]


def lloyd(w: Weights, C: list[Fraction], V: int, iterations: int) -> Clusters:
    """Assign and average in turn, until an assignment is the one before or `iterations` were made.

    C: distinct centroids in rising order. They stay so: the mean of a cluster lies inside it.
    """
    x, n = distinct(w)
    found = list(steps(x, n, C, iterations))
    values, ends = found[-1] if found else (C, [])
    least = [float(x[i]) if i < len(x) else inf for i in ends[:-1]]
    return Clusters(tuple(least), filled(values, V))


def steps(
    x: list[Fraction], n: list[int], C: list[Fraction], iterations: int
) -> Iterator[tuple[list[Fraction], list[int]]]:
    """Each new assignment: the centroids that it gives, and where in x each cluster ends."""
    N = list(accumulate(n, initial=0))
    S = list(accumulate((c * v for c, v in zip(n, x)), initial=Fraction(0)))
    ends: list[int] = []
    for _ in range(iterations if C else 0):
        before, ends = ends, assigned(x, C)
        if ends == before:
            return
        runs = pairwise([0, *ends])
        C = [(S[j] - S[i]) / (N[j] - N[i]) if i < j else c for c, (i, j) in zip(C, runs, strict=True)]
        yield C, ends


def assigned(x: list[Fraction], C: Sequence[Fraction]) -> list[int]:
    """Where each cluster ends: a weight belongs to the nearest centroid, one halfway between two to the lower."""
    return [*(bisect_right(x, (a + b) / 2) for a, b in pairwise(C)), len(x)]


def shared_gradient(g: Weights, codes: NDArray[np.uint8], granularity: Granularity, V: int) -> list[list[Fraction]]:
    """∂L/∂C_k = Σ g over the weights of code k, exact, for each part; 0 where no weight has the code."""
    parts = zip(granularity.parts(g), granularity.parts(codes))
    return [[total(part[b == k]) for k in range(V)] for part, b in parts]


def shared_step(C: Weights, gradient: Sequence[Sequence[Fraction]], eta: float) -> Weights:
    """C' = C − η · gradient, each exact number rounded once. C, gradient: [parts, V]."""
    flat = [one for row in gradient for one in row]
    moved = [nearest(c - Fraction(eta) * one, FLOAT32) for c, one in zip(exact(C), flat, strict=True)]
    return np.array(moved, np.float32).reshape(C.shape)


SCALAR_CODEBOOK_LLOYD = Scheme(
    "scalar-codebook-lloyd",
    "a codebook by k-means as Deep Compression has it: Lloyd's algorithm from a linear start",
    ScalarCodebookLloyd,
    bits=BITS,
    usual=4,
    granularities=("tensor", "channel", "group"),
    iterative=True,
)
