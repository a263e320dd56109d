"""The compiled loops of k-means: float64 decides where it can, and says where it cannot.

The difference of two float32 numbers is rounded once in float64, and a sum of squares has no cancellation: a squared
distance of d numbers is off by less than (d + 3)·2⁻⁵³ of itself, in whatever order it is summed.
"""

from typing import Any

import numpy as np
from numba import boolean, float32, float64, int64, njit, types, uint8, uint32, void

from qref.kernels.codebooks.means import quotient, two_sum

ERROR = 2.0**-50  # of a squared distance, a number; twice what is needed, and for both sides of a comparison

Matrix = float32[:, ::1]


@njit(float64(float32[::1], float32[::1]), cache=True, fastmath={"reassoc", "nsz"})
def distance(x: Any, c: Any) -> Any:
    """‖x − c‖²."""
    total = 0.0
    for k in range(x.size):
        t = np.float64(x[k]) - np.float64(c[k])
        total += t * t
    return total


@njit(types.Tuple((float64, boolean))(float32[::1], float32[::1]), cache=True)
def known_distance(x: Any, c: Any) -> Any:
    """‖x − c‖², and whether it is exact."""
    total, exact = 0.0, True
    for k in range(x.size):
        t, lost = two_sum(np.float64(x[k]), -np.float64(c[k]))
        narrow = np.float64(np.float32(t)) == t  # its square has 48 bits
        total, below = two_sum(total, t * t)
        exact = exact and lost == 0 and narrow and below == 0
    return total, exact


@njit(int64(Matrix, uint32[::1], int64[::1], float64[::1], int64), cache=True)
def draw(X: Any, words: Any, chosen: Any, D2: Any, begin: Any) -> Any:
    """The draws from `begin` on; the number of the first that float64 cannot decide, or of all.

    D2: squared distances to the nearest drawn; `chosen` up to `begin` is given, D2 for those before begin − 1.
    """
    N, d = X.shape
    error = (N + d + 8) * ERROR
    for v in range(begin, words.size):
        total, last = 0.0, -1
        if v:
            for i in range(N):
                t = distance(X[i], X[chosen[v - 1]])
                D2[i] = t if v == 1 else min(t, D2[i])
                total += D2[i]
                if D2[i] > 0:
                    last = i
        if last < 0:
            chosen[v] = (np.int64(words[v]) * N) >> 32
            continue
        target, doubt = np.float64(words[v]) * 2.0**-32 * total, error * total
        end, before, i = 0.0, 0.0, -1
        while i < last and not target < end:
            i += 1
            before = end
            end += D2[i]
        if (before > 0 and target - before <= doubt) or (i < last and end - target <= doubt):
            return v
        chosen[v] = i
    return words.size


@njit(boolean(Matrix, float64[::1], float64, int64), cache=True)
def lone(C: Any, distances: Any, within: Any, best: Any) -> Any:
    """Whether all near centroids are the same vector, of which `best` is the first."""
    different = 0
    for v in range(len(C)):
        different += distances[v] <= within and not np.array_equal(C[v], C[best])
    return different == 0


@njit(boolean(Matrix, Matrix, float64[::1], float64, int64, uint8[::1]), cache=True)
def decided(X: Any, C: Any, distances: Any, within: Any, i: Any, codes: Any) -> Any:
    """Whether equal or exact distances settle which of several near centroids is the nearest; codes[i] is then that."""
    V = len(C)
    best = -1
    least = 0.0
    for v in range(V):
        if distances[v] <= within:
            if best >= 0 and np.array_equal(C[v], C[best]):
                continue
            found, exact = known_distance(X[i], C[v])
            if not exact:
                return lone(C, distances, within, codes[i])
            if best < 0 or found < least:
                best, least = v, found
    codes[i] = best
    return True


@njit(int64(Matrix, Matrix, float64[:, ::1], uint8[::1], float64[::1], int64[::1]), cache=True)
def assign(X: Any, C: Any, across: Any, codes: Any, far: Any, doubtful: Any) -> Any:
    """The nearest centroid of each vector and its squared distance; how many vectors float64 cannot decide, and which.

    across: the centroids as [d, V], so that a loop runs over all of them.
    """
    (N, d), V = X.shape, len(C)
    distances = np.empty(V)
    bits = distances.view(np.int64)  # of numbers that are not negative, in the same order
    factor, count = 1 + (d + 8) * ERROR, 0
    for i in range(N):
        distances[:] = 0.0
        for k in range(d):
            x = np.float64(X[i, k])
            for v in range(V):
                t = x - across[k, v]
                distances[v] += t * t
        least = bits[0]
        for v in range(V):
            least = min(least, bits[v])
        best = 0
        while bits[best] != least:
            best += 1
        near, within = 0, distances[best] * factor
        for v in range(V):
            near += distances[v] <= within
        codes[i], far[i] = best, distances[best]
        if near > 1 and not decided(X, C, distances, within, i, codes):
            doubtful[count] = i
            count += 1
    return count


@njit(int64(Matrix, Matrix, float64[:, ::1], float64, uint8[::1], float64[::1], int64[::1], int64), cache=True)
def assign_near(X: Any, C: Any, rough: Any, slack: Any, codes: Any, far: Any, doubtful: Any, begin: Any) -> Any:
    """`assign` for the vectors from `begin` on, of whose squared distances `rough` has all within `slack`.

    Only centroids that may be the nearest are looked at. Gives how many are doubtful, among these vectors alone.
    """
    n, V = rough.shape
    factor, count = 1 + (X.shape[1] + 8) * ERROR, 0
    distances = np.empty(V)
    for row in range(n):
        i, least = begin + row, rough[row].min()
        best = -1
        for v in range(V):
            distances[v] = np.inf
            if rough[row, v] <= least + 2 * slack:
                distances[v] = distance(X[i], C[v])
                if best < 0 or distances[v] < distances[best]:
                    best = v
        near, within = 0, distances[best] * factor
        for v in range(V):
            near += distances[v] <= within
        codes[i], far[i] = best, distances[best]
        if near > 1 and not decided(X, C, distances, within, i, codes):
            doubtful[count] = i
            count += 1
    return count


@njit(void(Matrix, uint8[::1], Matrix, boolean[::1]), cache=True)
def means(X: Any, codes: Any, C: Any, doubtful: Any) -> None:
    """The mean of each cell that is not empty, in place; which cells have sums that two float64 numbers do not hold."""
    (N, d), V = X.shape, len(C)
    high, low, sizes = np.zeros((V, d)), np.zeros((V, d)), np.zeros(V, np.int64)
    for i in range(N):
        v = codes[i]
        sizes[v] += 1
        for k in range(d):
            high[v, k], below = two_sum(high[v, k], np.float64(X[i, k]))
            low[v, k], lost = two_sum(low[v, k], below)
            if lost != 0:
                doubtful[v] = True
    for v in range(V):
        if sizes[v]:
            for k in range(d):
                total, rest = two_sum(high[v, k], low[v, k])
                C[v, k] = quotient(total, rest, sizes[v])
