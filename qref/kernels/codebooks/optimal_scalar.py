"""ScalarCodebook: the optimal partition of millions of weights.

Sorted weights; float64 bounds leave a few places for each boundary (`partition_cells`); among these exact sums decide,
as the reference's do. So the codes and the codebook are the reference's for any number of weights.
"""

from fractions import Fraction
from itertools import pairwise
from typing import Any

import numpy as np
from numba import float32, njit, uint8, void
from numpy.typing import NDArray

from qref.codebooks.clusters import Clusters, filled
from qref.codebooks.optimal_scalar import ScalarCodebook, optimal
from qref.kernels.codebooks.exact_prefix import ExactPrefix
from qref.kernels.codebooks.partition_cells import boundaries, number_of_distinct
from qref.numerics.exact_totals import sum_of_squares
from qref.numerics.tensor import Tensor
from qref.numerics.whole_numbers import STEP
from qref.ops import keywords
from qref.ops.check import dtype
from qref.ops.operator import Operator
from qref.ops.qref import granularity as grain
from qref.ops.qref.encoded import tensors
from qref.ops.request import Request
from qref.quantizers.encoded import Coded
from qref.quantizers.granularity import Granularity
from qref.quantizers.weights import finite

FEW = 16  # weights of a part for which the reference is as fast


@njit(void(float32[::1], float32[::1], uint8[::1]), cache=True)
def codes_of(w: Any, least: Any, codes: Any) -> None:
    """How many of the rising numbers `least`, 2^k − 1 of them, lie at or below each weight, by halving."""
    half = (least.size + 1) // 2
    for i in range(w.size):
        low, step = 0, half
        while step:
            low += step * (least[low + step - 1] <= w[i])
            step >>= 1
        codes[i] = low


def encode(scheme: ScalarCodebook, W: NDArray[np.float32], **_: Any) -> Coded:
    """What `scheme.encode(W)` gives."""
    W, V = finite("W", W), 1 << scheme.bits
    return coded(W, scheme.granularity, scheme.bits, (clusters(w, V) for w in scheme.granularity.parts(W)))


def coded(W: NDArray[np.float32], granularity: Granularity, bits: int, found: Any) -> Coded:
    """Codes and codebooks from the clusters of each part, taken one after the other."""
    codes, books = np.empty(W.shape, np.uint8), np.empty((granularity.count(W.shape), 1 << bits), np.float32)
    parts = zip(granularity.parts(W), granularity.parts(codes), books, found, strict=True)
    for w, b, book, part in parts:
        least = np.full((1 << bits) - 1, np.inf, np.float32)
        least[: len(part.least)] = part.least
        codes_of(w, least, b)
        book[:] = part.codebook()
    return Coded(codes, books, granularity, bits)


def clusters(w: NDArray[np.float32], V: int) -> Clusters:
    """What the reference's `optimal` gives."""
    if w.size <= FEW:
        return optimal(w, V)
    x = np.sort(w)
    m = number_of_distinct(x)
    if m <= V:
        values = np.unique(x)
        return Clusters(tuple(values[1:].tolist()), filled([Fraction(v) for v in (values + 0.0).tolist()], V))
    P = ExactPrefix(x)
    begins = [0, *best(x, P, boundaries(x, V, m)), x.size]
    means = [Fraction(P(j) - P(i), j - i) * STEP for i, j in pairwise(begins)]
    return Clusters(tuple(float(x[p]) for p in begins[1:-1]), tuple(means))


def best(x: NDArray[np.float32], P: ExactPrefix, candidates: list[NDArray[np.int64]]) -> list[int]:
    """The lowest boundaries of the least error, one of each array of candidates.

    The least error has the largest Σ S² / n, S the sum and n the number of the weights of a cluster. Boundaries that
    run backward count the weights between them twice, with no error: they are no partition and better than none.
    """
    places = [one.tolist() for one in candidates]
    if all(len(one) == 1 for one in places):
        return [p for [p] in places]

    def gain(p: int, q: int) -> Fraction:
        if q <= p:
            return -sum_of_squares(x[q:p]) / STEP**2
        S = P(q) - P(p)
        return Fraction(S * S, q - p)

    layers, values, taken = [[0], *places, [x.size]], [Fraction(0)], []
    for layer, following in pairwise(layers):
        values, chosen = maxima(layer, values, following, gain)
        taken.append(chosen)
    i, found = 0, []
    for layer, chosen in zip(reversed(layers[1:-1]), reversed(taken[1:])):
        i = chosen[i]
        found.append(layer[i])
    return found[::-1]


def maxima(layer: list[int], values: list[Fraction], following: list[int], gain: Any) -> tuple[list[Any], list[int]]:
    """For each of the following places the largest value + gain, and the lowest place it comes from; these rise."""
    found: list[Any] = [None] * len(following)
    chosen = [0] * len(following)
    ranges = [(0, len(following), 0, len(layer))]
    while ranges:
        j_low, j_high, i_low, i_high = ranges.pop()
        if j_low == j_high:
            continue
        j = (j_low + j_high) // 2
        i = max(range(i_low, i_high), key=lambda i: (values[i] + gain(layer[i], following[j]), -i))
        found[j], chosen[j] = values[i] + gain(layer[i], following[j]), i
        ranges += [(j_low, j, i_low, i + 1), (j + 1, j_high, i, i_high)]
    return found, chosen


def scalar_codebook(request: Request, operator: Operator) -> tuple[Tensor, Tensor]:
    """ScalarCodebook."""
    given = {name: one.default for name, one in operator.attributes.items()} | keywords(request, operator)
    scheme = ScalarCodebook(given["bits"], grain.of(given["granularity"], given["group_size"]))
    return tensors(encode(scheme, weights(request)))


def weights(request: Request) -> NDArray[np.float32]:
    """W of a request, for compiled loops, which take what can be written."""
    [W] = request.inputs
    assert W is not None
    dtype("W", W, ("float32",))
    return W.data if W.data.flags.writeable else W.data.copy()
