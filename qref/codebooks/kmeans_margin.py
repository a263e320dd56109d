"""How near k-means comes to other codes: the margin of all its decisions, and how uncertain its centroids are.

A draw, an assignment and the choice for an empty cell are comparisons of computed numbers. Their distance is measured
beside the magnitudes that these are computed of, so that an engine whose error is smaller, relative to those, decides
alike: |x| + |c| for a difference x − c, the mean of |x| for a mean. Where squares leave float32's range there is none.
"""

from dataclasses import dataclass
from fractions import Fraction
from itertools import accumulate
from math import fsum, inf
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qref.codebooks.kmeans import FLOAT32, Codes, Step, Vectors, assigned, squared_distances, start, steps
from qref.numerics.floats import nearest
from qref.numerics.whole_numbers import STEP, Whole, coarsest, exact_in_float32, whole

UNIT = float(STEP)


@dataclass(frozen=True, eq=False)
class Centroids:
    """Where centroids come from. size: mean of |x|, float64 [V, d]; terms: numbers that were added for each, 0 where
    it was given or drawn; exact: whether any arithmetic gives it without error."""

    size: NDArray[np.float64]
    terms: NDArray[np.int64]
    exact: NDArray[np.bool_]

    @classmethod
    def given(cls, C: Vectors) -> "Centroids":
        """Those that are vectors, not means."""
        return cls(np.abs(C).astype(np.float64), np.zeros(len(C), np.int64), np.ones(len(C), np.bool_))

    def after(self, X: Vectors, cells: Codes) -> "Centroids":
        """The means of cells; those of empty ones as they were."""
        size, terms, exact = self.size.copy(), self.terms.copy(), self.exact.copy()
        for v in range(len(terms)):
            cell = X[cells == v]
            if len(cell):
                size[v], terms[v] = [fsum(column) / len(cell) for column in np.abs(cell).T.tolist()], len(cell)
                exact[v] = all(_mean_is_exact(whole(column)) for column in cell.T)
        return Centroids(size, terms, exact)


def _mean_is_exact(x: Whole) -> bool:
    """Whether sums are exact in any order, and the mean too, even by a multiplication with the reciprocal."""
    mean = Fraction(int(x.sum()), len(x)) * STEP
    divides = not len(x) & (len(x) - 1) and Fraction(nearest(mean, FLOAT32)) == mean
    return divides and exact_in_float32(int(abs(x).sum()), coarsest(x))


def margin(X: Vectors, words: NDArray[np.uint32], iterations: int) -> float:
    """The smallest of all draws and steps of `kmeans`, and of the codes at the end."""
    chosen = start(X, words)
    return min(margin_of_start(X, words, chosen), margin_of_steps(X, X[chosen], iterations))


def margin_of_start(X: Vectors, words: NDArray[np.uint32], chosen: NDArray[np.int64]) -> float:
    """How far each u·Σw lies from the nearest end of a vector's share, as a part of Σw.

    The first share begins at 0 and the last one ends at Σw, however they are computed.
    """
    x, found = whole(X), inf
    even = np.ones(len(x), object)
    D2 = even
    for draw, (word, i) in enumerate(zip(words.tolist(), chosen.tolist())):
        shares = [w for w in (D2 if D2.any() else even) if w]
        u, total = Fraction(word, 1 << 32), sum(shares)
        if draw and D2.any() and not in_range(float(total * STEP * STEP)):
            found = 0.0
        for end in list(accumulate(shares))[:-1]:
            found = min(found, float(abs(u - Fraction(end, total))))
        to_it = squared_distances(x, x[i])
        D2 = np.minimum(D2, to_it) if draw else to_it
    return found


def margin_of_steps(X: Vectors, C: Vectors, iterations: int) -> float:
    """That of the assignments and of what empty cells take, from the centroids C on."""
    made, found = Centroids.given(C), inf
    for step in steps(X, C, iterations):
        found = min(found, margin_of_step(X, step, made))
        made, C = made.after(X, step.cells), step.after
    return min(found, margin_of_codes(X, C, made))


def margin_of_step(X: Vectors, step: Step, made: Centroids) -> float:
    """That of one step: of its assignment, and of the vectors that empty cells took."""
    return min(margin_of_codes(X, step.before, made), _margin_of_filling(X, step, made))


def margin_of_codes(X: Vectors, C: Vectors, made: Centroids) -> float:
    """How much nearer each vector's centroid is than any other."""
    x, c, found = whole(X), whole(C), inf
    for i in range(len(x)):
        far = squared_distances(c, x[i])
        v = int(far.argmin())
        for other in range(len(c)):
            if other != v:
                found = min(found, _apart((far[v], X[i], C[v], v), (far[other], X[i], C[other], other), made))
    return found


def _margin_of_filling(X: Vectors, step: Step, made: Centroids) -> float:
    """How much farther what each empty cell took was than any other vector it might have taken."""
    x, c, found = whole(X), whole(step.before), inf
    codes = assigned(X, step.before)
    far = squared_distances(x, c[codes])
    for v in range(len(c)):
        sizes = np.bincount(codes, minlength=len(c))
        if sizes[v]:
            continue
        free = np.flatnonzero(sizes[codes] > 1)
        place = [(far[i], X[i], step.before[codes[i]], int(codes[i])) for i in free]
        if not free.size or not max(distance for distance, *_ in place):
            # nothing left to take: an inexact centroid would lie beside its vectors
            return min(found, inf if all(made.exact[codes[i]] for i in free) else 0.0)
        best = int(np.argmax(far[free]))
        for n in range(len(free)):
            if n != best:
                found = min(found, _apart(place[n], place[best], made))
        codes[free[best]], far[free[best]] = v, 0
    return found


def _apart(near: Any, far: Any, made: Centroids) -> float:
    """The difference of two squared distances beside the magnitudes in them; each: distance, x, c, its number.

    A tie whose sums are all exact in float32, in whatever order, is decided and does not count. 0 where squares leave
    the range of float32's normal numbers.
    """
    size = max(_size(x, made.size[v]) for _, x, _, v in (near, far))
    if size and not in_range(size):
        return 0.0
    if near[0] != far[0]:
        return float(far[0] - near[0]) * UNIT * UNIT / size
    exact = made.exact[near[3]] and made.exact[far[3]]
    if not near[0]:
        return inf if exact else 0.0
    step = coarsest(*(whole(numbers) for _, x, c, _ in (near, far) for numbers in (x, c))) * UNIT
    return inf if exact and size <= step * step * 2**24 else 0.0


def in_range(squares: float) -> bool:
    """Whether float32 holds a sum of squares: it does not overflow, and what underflows of it does not matter."""
    return FLOAT32.smallest_normal <= squares < FLOAT32.highest / 2


def _size(x: Vectors, c: NDArray[np.float64]) -> float:
    return fsum(((np.abs(x).astype(np.float64) + c) ** 2).tolist())


def made_by(X: Vectors, C: Vectors, iterations: int) -> Centroids:
    """How the centroids came about that `steps` from C on end with."""
    made = Centroids.given(C)
    for step in steps(X, C, iterations):
        made = made.after(X, step.cells)
    return made
