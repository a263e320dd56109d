"""How clear the decisions of scalar codebooks are: the optimum from the next best, weights from the boundaries."""

from collections.abc import Iterator, Sequence
from fractions import Fraction
from itertools import pairwise
from math import inf
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qref.codebooks.optimal_scalar import distinct, errors
from qref.codebooks.scalar import steps
from qref.numerics.floats import float_format, nearest
from qref.numerics.whole_numbers import coarsest, exact_in_float32, whole

FLOAT32 = float_format("float32")

Weights = NDArray[np.float32]
Table = list[list[list[Fraction]]]


def of_optimum(w: Weights, V: int) -> float:
    """How far the error of the next best partition of a part lies above the least one, in units of Σ w².

    Partitions into V runs of the sorted weights are compared, those that part equal weights among them. Several that
    are optimal count as no margin, unless float32 holds all that their errors are made of. 0 where squares leave the
    range of float32's normal numbers.
    """
    if len(distinct(w)[0]) <= V:
        return inf
    if not squares_fit(w):
        return 0.0
    x = [Fraction(v) for v in np.sort(w).tolist()]
    D = least_errors(x, V)
    best, *others = D[V][len(x)]
    optima = partitions(x, D, V, len(x))
    next(optima)
    if any(True for _ in optima) and not all(held(x, one) for one in partitions(x, D, V, len(x))):
        return 0.0
    energy = sum((v * v for v in x), Fraction(0))
    return float((others[0] - best) / energy) if others else inf


def squares_fit(w: Weights) -> bool:
    """Whether Σ w² is below half of float32's largest number, and the square of the largest weight is normal."""
    squares = [Fraction(v) ** 2 for v in w.ravel().tolist()]
    return FLOAT32.smallest_normal <= max(squares, default=Fraction(1)) and sum(squares) < FLOAT32.highest / 2


def least_errors(x: list[Fraction], V: int) -> Table:
    """D[k][j]: the two smallest different errors of the first j weights in k runs."""
    d, m = errors(x, [1] * len(x)), len(x)
    D: Table = [[[] for _ in range(m + 1)], [[], *([d(0, j)] for j in range(1, m + 1))]]
    for k in range(2, V + 1):
        row: list[list[Fraction]] = [[] for _ in range(m + 1)]
        for j in range(k, m + 1):
            row[j] = sorted({e + d(i, j) for i in range(k - 1, j) for e in D[k - 1][i]})[:2]
        D.append(row)
    return D


def partitions(x: list[Fraction], D: Table, k: int, j: int) -> Iterator[list[int]]:
    """The beginnings, and the end, of every partition of the first j weights into k runs whose error is the least."""
    if k == 1:
        yield [0, j]
        return
    d = errors(x, [1] * len(x))
    for i in range(k - 1, j):
        if D[k - 1][i][0] + d(i, j) == D[k][j][0]:
            for shorter in partitions(x, D, k - 1, i):
                yield [*shorter, j]


def held(x: list[Fraction], ends: Sequence[int]) -> bool:
    """Whether float32 holds sums, means, errors of the runs, and the errors added up."""
    numbers: list[Fraction] = []
    error = Fraction(0)
    for i, j in pairwise(ends):
        S, Q = sum(x[i:j], Fraction(0)), sum((v * v for v in x[i:j]), Fraction(0))
        error += Q - S * S / (j - i)
        numbers += [S, Q, S * S, S / (j - i), S * S / (j - i), error, *(v - S / (j - i) for v in x[i:j])]
    return all(v == nearest(v, FLOAT32) for v in numbers)


def of_lloyd(w: Weights, C: list[Fraction], iterations: int) -> float:
    """The smallest distance, over all steps, of a weight to the middle between two centroids, in units of max |w|.

    A weight in the middle decides exactly where float32 holds all sums of the weights and both centroids, else it
    counts as no margin. 0 where squares leave the range of float32's normal numbers.
    """
    largest = float(np.abs(w).max(initial=0))
    if len(C) < 2 or not largest:
        return inf
    if not squares_fit(w):
        return 0.0
    x, n = distinct(w)
    weights = whole(w)
    sums_held = exact_in_float32(int(np.abs(weights).sum()), coarsest(weights))
    least: Any = inf
    for centroids in [C, *(found for found, _ in steps(x, n, C, iterations))]:
        for a, b in pairwise(centroids):
            middle = (a + b) / 2
            exact = sums_held and all(v == nearest(v, FLOAT32) for v in (a, b, a + b))
            least = min([least, *(abs(v - middle) for v in x if v != middle or not exact)])
    return inf if least == inf else float(least / Fraction(largest))
