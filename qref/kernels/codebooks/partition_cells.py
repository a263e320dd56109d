"""Where the boundaries of an optimal partition can lie: cells of places, pruned by bounds of the error, and cut finer.

Sorted weights x, K clusters, a boundary between each two. The places where a boundary may lie are put into cells of
neighbours. A cluster whose boundaries lie in cells a and b holds at least the weights between the last place of
a and the first of b, so its error is at least theirs; sums of such errors by dynamic programming, from both ends, bound
the error of every partition that has a boundary in a cell from below. Boundaries at the first places of cells make real
partitions, and the best of them bounds the optimum from above. A cell whose lower bound lies above that goes.

Errors of runs satisfy the quadrangle inequality, those of the pruned problem too, so minima lie at rising places and
each step divides and conquers (Grønlund et al. 2017, section 2.1). A minimum that rounding chose wrongly is too high by
no more than the rounding, and so is what it keeps others from looking at: that adds up to `slack`.
"""

from dataclasses import dataclass
from math import inf
from typing import Any

import numpy as np
from numba import boolean, float32, float64, int64, njit, void
from numpy.typing import NDArray

CELLS = 4096  # of a boundary, to begin with
UNIT_ROUNDOFF = 2.0**-53


@njit(int64(float32[::1]), cache=True)
def number_of_distinct(x: Any) -> int:
    """How many different numbers a sorted array holds."""
    count = min(x.size, 1)
    for i in range(1, x.size):
        count += x[i] != x[i - 1]
    return count


@njit(void(float64[::1], float64), cache=True)
def add(sums: Any, value: float) -> None:
    """Adds a number and its square to (Σ, what it lost, Σ², what it lost)."""
    for k, term in ((0, value), (2, value * value)):
        s = sums[k] + term
        back = s - sums[k]
        sums[k + 1] += (sums[k] - (s - back)) + (term - back)
        sums[k] = s


@njit(void(float32[::1], float64, float64[::1]), cache=True)
def add_all(x: Any, pivot: float, sums: Any) -> None:
    """Adds x − pivot, number by number."""
    for i in range(x.size):
        add(sums, np.float64(x[i]) - pivot)


@njit(
    int64(
        float32[::1],
        float64,
        int64[:, ::1],
        float64[:, :, ::1],
        int64,
        int64[:, ::1],
        float64[:, :, ::1],
        int64[::1],
    ),
    cache=True,
)
def cut(x: Any, pivot: float, places: Any, sums: Any, step: int, finer: Any, finer_sums: Any, counts: Any) -> int:
    """Cuts cells into cells of at most `step` places, those where a new number begins; returns how many there are.

    places: [cells, 2], the first place of each and the last. sums: [cells, 2, 4], Σ (x − pivot) and Σ (x − pivot)² over
    all weights below these, each as a sum of two numbers. counts: the places of each new cell.
    """
    n = 0
    running = np.empty(4)
    for cell in range(len(places)):
        running[:] = sums[cell, 0]
        inside = 0
        for p in range(places[cell, 0], places[cell, 1] + 1):
            if x[p] != x[p - 1]:
                if inside == 0:
                    finer[n, 0] = p
                    finer_sums[n, 0] = running
                finer[n, 1] = p
                finer_sums[n, 1] = running
                inside += 1
                counts[n] = inside
                if inside == step:
                    n, inside = n + 1, 0
            add(running, np.float64(x[p]) - pivot)
        n += inside > 0
    return n


@njit(float64(int64, float64[::1], int64, float64[::1]), cache=True)
def error(begin: int, at_begin: Any, end: int, at_end: Any) -> float:
    """Σ (x − mean)² over x[begin:end], from the sums at both ends; 0 where end does not lie above begin."""
    if end <= begin:
        return 0.0
    S = (at_end[0] - at_begin[0]) + (at_end[1] - at_begin[1])
    Q = (at_end[2] - at_begin[2]) + (at_end[3] - at_begin[3])
    return max(Q - S * S / (end - begin), 0.0)


@njit(
    void(float64[::1], int64[::1], float64[:, ::1], int64[::1], float64[:, ::1], boolean, float64[::1]),
    cache=True,
)
def minima(least: Any, places: Any, sums: Any, to: Any, to_sums: Any, downward: bool, found: Any) -> None:
    """found[j] = min over i of least[i] + the error of the weights between places[i] and to[j].

    downward: these lie below the place i and above j.
    """
    stack = np.empty((128, 4), np.int64)
    stack[0] = 0, to.size, 0, places.size
    depth = 1
    while depth:
        depth -= 1
        j_low, j_high, i_low, i_high = stack[depth]
        j = (j_low + j_high) // 2
        best, at = np.inf, i_low
        for i in range(i_low, i_high):
            if downward:
                value = least[i] + error(to[j], to_sums[j], places[i], sums[i])
            else:
                value = least[i] + error(places[i], sums[i], to[j], to_sums[j])
            if value < best:
                best, at = value, i
        found[j] = best
        if j_low < j:
            stack[depth] = j_low, j, i_low, at + 1
            depth += 1
        if j + 1 < j_high:
            stack[depth] = j + 1, j_high, at, i_high
            depth += 1


@dataclass(frozen=True, eq=False)
class Cells:
    """Where a boundary may lie. first, last: places [cells]; at_first, at_last: sums there; counts: places of each."""

    first: NDArray[np.int64]
    last: NDArray[np.int64]
    at_first: NDArray[np.float64]
    at_last: NDArray[np.float64]
    counts: NDArray[np.int64]

    def kept(self, keep: NDArray[np.bool_]) -> "Cells":
        """Those cells that stay."""
        return Cells(self.first[keep], self.last[keep], self.at_first[keep], self.at_last[keep], self.counts[keep])

    def cut(self, x: NDArray[np.float32], pivot: float, most: int) -> "Cells":
        """About `most` cells of the same places."""
        step = max(-(-int(self.counts.sum()) // most), 1)
        if self.counts.max() <= step:
            return self
        size = int((self.counts // step + 1).sum())
        finer, sums, counts = np.empty((size, 2), np.int64), np.empty((size, 2, 4)), np.empty(size, np.int64)
        places = np.stack([self.first, self.last], axis=1)
        n = cut(x, pivot, places, np.stack([self.at_first, self.at_last], axis=1), step, finer, sums, counts)
        first, last = (np.ascontiguousarray(finer[:n, i]) for i in range(2))
        at_first, at_last = (np.ascontiguousarray(sums[:n, i]) for i in range(2))
        return Cells(first, last, at_first, at_last, counts[:n])


@dataclass(frozen=True, eq=False)
class Whole:
    """The sorted weights of a part, and their sums: all of them, below the first (zeros) and below the end."""

    x: NDArray[np.float32]
    pivot: float
    none: NDArray[np.float64]
    all: NDArray[np.float64]


def boundaries(x: NDArray[np.float32], K: int, distinct: int) -> list[NDArray[np.int64]]:
    """For each of the K − 1 boundaries of an optimal partition into K clusters, the places where it may lie.

    All places of every optimal partition are among them, and few others. x: sorted, with `distinct` > K > 1 numbers.
    """
    pivot = float(np.float32(x.mean(dtype=np.float64)))
    at_first = np.zeros(4)
    add(at_first, float(x[0]) - pivot)
    one = Cells(
        np.array([1]), np.array([x.size - 1]), at_first[np.newaxis], at_first[np.newaxis], np.array([distinct - 1])
    )
    first = one.cut(x, pivot, CELLS)
    at_end = first.at_last[-1].copy()
    add_all(x[first.last[-1] :], pivot, at_end)
    weights = Whole(x, pivot, np.zeros(4), at_end)
    layers, most, before = [first] * (K - 1), CELLS, inf
    while True:
        layers = pruned(weights, layers)
        left = sum(int(cells.counts.sum()) for cells in layers)
        if all(cells.counts.max() == 1 for cells in layers):
            return [cells.first for cells in layers]
        if left > before / 2:
            most *= 2
        before = left
        layers = [cells.cut(x, pivot, most) for cells in layers]


def pruned(weights: Whole, layers: list[Cells]) -> list[Cells]:
    """The cells through which a partition may go that is as good as the best one known."""
    n = weights.x.size
    start = (np.zeros(1), np.zeros(1, np.int64), weights.none[np.newaxis])
    end = (np.zeros(1), np.full(1, n), weights.all[np.newaxis])
    below, upper, values = [], start, start
    for cells in layers:
        values = (least(*values, cells.first, cells.at_first, False), cells.last, cells.at_last)
        upper = (least(*upper, cells.first, cells.at_first, False), cells.first, cells.at_first)
        below.append(values[0])
    best = float(least(*upper, end[1], end[2], False)[0])
    above, values = [], end
    for cells in reversed(layers):
        values = (least(*values, cells.last, cells.at_last, True), cells.first, cells.at_first)
        above.append(values[0])
    most = best + slack(weights, layers, best)
    return [cells.kept(b + a <= most) for cells, b, a in zip(layers, below, reversed(above), strict=True)]


def least(values: Any, places: Any, sums: Any, to: Any, to_sums: Any, downward: bool) -> NDArray[np.float64]:
    """The minima as a new array."""
    found = np.empty(to.size)
    minima(values, places, sums, to, to_sums, downward, found)
    return found


def slack(weights: Whole, layers: list[Cells], best: float) -> float:
    """What rounding may add up to in the errors of `pruned`.

    An error Q − S²/n of a run is off by less than 8 u Q, and Q is not above Σ (x − pivot)² from the first place of one
    boundary to the last of the next; adding it to others is off by u times the sum. Wrongly chosen minima add that up
    once more for each time that a step divides.
    """
    depth = max(cells.first.size for cells in layers).bit_length() + 2
    ends = [*(cells.at_last[-1, 2] for cells in layers), weights.all[2]]
    begins = [0.0, *(cells.at_first[0, 2] for cells in layers)]
    spans = sum(float(end - begin) for begin, end in zip(begins, ends, strict=True))
    return 4 * depth * UNIT_ROUNDOFF * (8 * spans + (len(layers) + 1) * best)
