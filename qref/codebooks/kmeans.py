"""K-means: each vector as the nearest of V centroids, each centroid the mean of its vectors.

    b_i = argmin_v ‖x_i − c_v‖²        c_v = mean of the x_i with b_i = v

in turn, until no code changes [Lloyd, "Least squares quantization in PCM", 1957/1982]. The first centroids are vectors
that k-means++ draws: one evenly, each further one with probability D²(x_i) / Σ D², D(x) the distance of x to the
nearest centroid drawn before [Arthur, Vassilvitskii, "k-means++: the advantages of careful seeding", 2007, section 2].

Distances and sums are exact. Centroids are float32 numbers at every step, each the exact mean rounded once, so that
what is decided on is what is stored. [seed: Vector Quantization, Product Quantization; PQ for FC layer: K-means
clustering on each sub-matrix]
"""

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from itertools import accumulate
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qref.errors import InvalidInput
from qref.numerics.floats import float_format, nearest
from qref.numerics.whole_numbers import STEP, Whole, whole

FLOAT32 = float_format("float32")
ITERATIONS = 25

Vectors = NDArray[np.float32]
Codes = NDArray[np.uint8]


@dataclass(frozen=True, eq=False)
class Clustering:
    """codes: uint8 [R], each vector's nearest centroid. centroids: float32 [V, d]."""

    codes: Codes
    centroids: Vectors


@dataclass(frozen=True, eq=False)
class Step:
    """One step. before: the centroids it begins with; cells: the codes that its means are taken over; after: those."""

    before: Vectors
    cells: Codes
    after: Vectors


def kmeans(X: Vectors, words: NDArray[np.uint32], iterations: int = ITERATIONS) -> Clustering:
    """V centroids of the vectors X [R, d], finite, from as many words of a random stream, V at most R and 256."""
    C = X[start(X, words)]
    for step in steps(X, C, iterations):
        C = step.after
    return Clustering(assigned(X, C), C)


def number_of_values(bits: int, R: int) -> int:
    """V = min(2^bits, R): no more centroids than vectors. Raises InvalidInput for bits that are not 1 to 8."""
    if not 1 <= bits <= 8:
        raise InvalidInput(f"codes of {bits} bits: give 1 to 8")
    return min(1 << bits, R)


def start(X: Vectors, words: NDArray[np.uint32]) -> NDArray[np.int64]:
    """k-means++: which vectors are the first centroids, one a word.

    Where every D² is 0, because fewer than V vectors differ, a draw is as even as the first.
    """
    x, even = whole(X), np.ones(len(X), object)
    chosen: list[int] = []
    D2 = even
    for word in words.tolist():
        i = drawn(D2 if D2.any() else even, word)
        to_it = squared_distances(x, x[i])
        D2 = np.minimum(D2, to_it) if chosen else to_it
        chosen.append(i)
    return np.array(chosen, np.int64)


def drawn(weights: Whole, word: int) -> int:
    """The first i with u·Σw < w_0 + … + w_i, u = word·2⁻³²."""
    target = word * sum(weights)
    return next(i for i, end in enumerate(accumulate(weights)) if target < end << 32)


def steps(X: Vectors, C: Vectors, iterations: int) -> Iterator[Step]:
    """Steps from the centroids C on, until one would have the cells of the step before it, `iterations` at most."""
    cells: Codes | None = None
    for _ in range(iterations):
        found = filled(X, C, assigned(X, C))
        if cells is not None and np.array_equal(found, cells):
            return
        cells = found
        after = means(X, cells, C)
        yield Step(C, cells, after)
        C = after


def assigned(X: Vectors, C: Vectors) -> Codes:
    """The nearest centroid of each vector, the first of several."""
    x, c = whole(X), whole(C)
    if not len(c):
        return np.zeros(0, np.uint8)
    return np.stack([squared_distances(x, v) for v in c]).argmin(axis=0).astype(np.uint8)


def filled(X: Vectors, C: Vectors, codes: Codes) -> Codes:
    """The codes after every empty cell, from the first on, has taken a vector.

    It takes the vector farthest from its centroid, the first of several, of those that do not lie alone in their cell.
    Where all of these lie on their centroids, cells stay empty.
    """
    codes, x, c = codes.copy(), whole(X), whole(C)
    far = squared_distances(x, c[codes])
    for v in range(len(C)):
        sizes = np.bincount(codes, minlength=len(C))
        if sizes[v]:
            continue
        free = np.flatnonzero((sizes[codes] > 1) & (far > 0))
        if not free.size:
            break
        i = free[far[free].argmax()]
        codes[i], far[i] = v, 0
    return codes


def means(X: Vectors, codes: Codes, C: Vectors) -> Vectors:
    """The mean of each cell, exact and rounded once; the old centroid of an empty one."""
    x, found = whole(X), C.copy()
    for v in range(len(C)):
        cell = x[codes == v]
        if len(cell):
            found[v] = [nearest(Fraction(total, len(cell)) * STEP, FLOAT32) for total in cell.sum(axis=0)]
    return found


def squared_distances(x: Whole, c: Whole) -> Whole:
    """‖x_i − c_i‖² of each row, in units of 2⁻²⁹⁸. c: one vector, or one a row."""
    found: Any = ((x - c) ** 2).sum(axis=1)
    return np.asarray(found, object)
