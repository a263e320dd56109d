"""HashedNets without a matrix: hashes are made block by block, real weights are gathered, and used at once.

Keys of eight bytes only; the authors' decimal strings take the reference's way.
"""

from typing import Any

import numpy as np
from numba import float32, float64, int64, njit, uint32, void
from numpy.typing import NDArray

from qref.codebooks.hashed import Hash, Hashed, HashedWeights, real_weights
from qref.kernels.conv.kernel import in_parts
from qref.numerics.xxhash32 import P2, P3, P4, P5
from qref.numerics.xxhash32 import M as WORDS
from qref.quantizers.granularity import matrix
from qref.quantizers.weights import finite

BLOCK = 1024  # weights of a row at a time: their hashes, buckets and values stay in the first cache
C2, C3, C4 = np.uint32(P2), np.uint32(P3), np.uint32(P4)
START = np.uint32(P5 + 8)


@njit(uint32(uint32, uint32), cache=True, inline="always")
def turned(x: Any, r: Any) -> Any:
    """x with its bits turned left by r."""
    return (x << r) | (x >> (np.uint32(32) - r))


@njit(void(uint32, uint32, int64, uint32[::1]), cache=True)
def hashes(i: Any, seed: Any, first: int, h: Any) -> None:
    """h[j] = xxHash32 of i and first + j."""
    row = turned(np.uint32(seed + START + i * C3), np.uint32(17)) * C4
    for j in range(h.size):
        x = np.uint32(row + np.uint32(first + j) * C3)
        x = np.uint32(turned(x, np.uint32(17)) * C4)
        x = np.uint32((x ^ (x >> np.uint32(15))) * C2)
        x = np.uint32((x ^ (x >> np.uint32(13))) * C3)
        h[j] = x ^ (x >> np.uint32(16))


@njit(void(uint32[::1], int64, uint32[::1]), cache=True)
def modulo(h: Any, count: int, k: Any) -> None:
    """k[j] = h[j] mod count, by the quotient in float64: no division.

    The quotient of a word is off by less than 1/count, so that its floor is never too large, and one too small only
    where count divides h[j].
    """
    d = np.float64(count)
    inverse = 1.0 / d
    for j in range(h.size):
        x = np.float64(h[j])
        r = x - np.floor(x * inverse) * d
        r = r - d if r >= d else r
        k[j] = np.uint32(np.int64(r))


@njit(void(int64, uint32, uint32, int64, float32[::1], float32[::1]), cache=True)
def row(i: int, seed: Any, second: Any, first: int, w: Any, v: Any) -> None:
    """v[j] = ξ(i, first + j)·w[h(i, first + j)], at most BLOCK of them."""
    h, k = np.empty(BLOCK, np.uint32), np.empty(BLOCK, np.uint32)
    hashes(np.uint32(i), seed, first, h[: v.size])
    modulo(h[: v.size], w.size, k[: v.size])
    hashes(np.uint32(i), second, first, h[: v.size])
    for j in range(v.size):
        x = w[k[j]]
        v[j] = x if h[j] & np.uint32(1) else -x


@njit(void(float32[::1], uint32, uint32, float32[:, ::1]), cache=True)
def virtual(w: Any, seed: Any, second: Any, V: Any) -> None:
    """V of all places."""
    for i in range(V.shape[0]):
        for first in range(0, V.shape[1], BLOCK):
            row(i, seed, second, first, w, V[i, first : first + BLOCK])


@njit(float32(float32[::1], float32[::1]), cache=True, fastmath={"reassoc", "contract", "nsz"})
def dot(a: Any, b: Any) -> Any:
    """Σ a·b in any order."""
    total = np.float32(0)
    for j in range(a.size):
        total += a[j] * b[j]
    return total


@njit(void(int64, int64, float32[:, ::1], float32[::1], uint32, uint32, float32[:, ::1]), cache=True, nogil=True)
def forward(begin: int, end: int, X: Any, w: Any, seed: Any, second: Any, Y: Any) -> None:
    """Columns begin to end − 1 of Y = X·Vᵀ."""
    v = np.empty(BLOCK, np.float32)
    for i in range(begin, end):
        Y[:, i] = 0
        for first in range(0, X.shape[1], BLOCK):
            length = min(BLOCK, X.shape[1] - first)
            row(i, seed, second, first, w, v[:length])
            for b in range(X.shape[0]):
                Y[b, i] += dot(X[b, first : first + length], v[:length])


@njit(void(float32[:, ::1], float32[::1], float32[:, ::1], uint32, uint32, float64[:, ::1], float64[::1]), cache=True)
def backward(X: Any, w: Any, dY: Any, seed: Any, second: Any, dX: Any, dw: Any) -> None:
    """dX = dY·V, dw[k] = Σ ξ·dY[b, i]·X[b, j] over the bucket; both begin as 0."""
    h, k = np.empty(BLOCK, np.uint32), np.empty(BLOCK, np.uint32)
    for i in range(dY.shape[1]):
        for first in range(0, X.shape[1], BLOCK):
            length = min(BLOCK, X.shape[1] - first)
            hashes(np.uint32(i), seed, first, h[:length])
            modulo(h[:length], w.size, k[:length])
            hashes(np.uint32(i), second, first, h[:length])
            for b in range(X.shape[0]):
                d = np.float64(dY[b, i])
                for j in range(length):
                    signed = d if h[j] & np.uint32(1) else -d
                    dX[b, first + j] += signed * w[k[j]]
                    dw[k[j]] += signed * X[b, first + j]


@njit(void(float32[:, ::1], uint32, uint32, float64[::1], int64[::1]), cache=True)
def shared(W: Any, seed: Any, second: Any, totals: Any, members: Any) -> None:
    """totals[k] = Σ ξ·W over bucket k, members[k] how many those are; both begin as 0."""
    h, k = np.empty(BLOCK, np.uint32), np.empty(BLOCK, np.uint32)
    for i in range(W.shape[0]):
        for first in range(0, W.shape[1], BLOCK):
            length = min(BLOCK, W.shape[1] - first)
            hashes(np.uint32(i), seed, first, h[:length])
            modulo(h[:length], totals.size, k[:length])
            hashes(np.uint32(i), second, first, h[:length])
            for j in range(length):
                x = np.float64(W[i, first + j])
                totals[k[j]] += x if h[j] & np.uint32(1) else -x
                members[k[j]] += 1


def own(x: NDArray[np.float32]) -> NDArray[np.float32]:
    """x as compiled loops take it: contiguous, and writable though nothing writes to it."""
    return np.require(x, requirements=["C", "W"])


def seeds(hash: Hash) -> tuple[Any, Any]:
    """The seeds of bucket and sign."""
    return np.uint32(hash.seed), np.uint32(WORDS - 1 - hash.seed)


def decode(encoded: Hashed) -> NDArray[np.float32]:
    """What `encoded.decode()` gives."""
    V = np.empty(matrix(encoded.shape), np.float32)
    if encoded.hash.key != "uint32" or not V.size or not encoded.weights.size:
        return encoded.decode()
    virtual(own(encoded.weights), *seeds(encoded.hash), V)
    return V.reshape(encoded.shape)


def run(X: NDArray[np.float32], encoded: Hashed, threads: int = 1) -> NDArray[np.float32]:
    """X·Vᵀ for keys of eight bytes, X float32 [B, K], V never made."""
    Y = np.zeros((X.shape[0], encoded.shape[0]), np.float32)
    if encoded.weights.size:
        in_parts(encoded.shape[0], threads, forward, own(X), own(encoded.weights), *seeds(encoded.hash), Y)
    return Y


def encode(scheme: HashedWeights, W: NDArray[np.float32], **_: Any) -> Hashed:
    """What `scheme.encode(W)` gives, real weights within their bound."""
    W = finite("W", W)
    if scheme.hash.key != "uint32":
        return scheme.encode(W)
    count = real_weights(W.shape, scheme.compression)
    totals, members = np.zeros(count), np.zeros(count, np.int64)
    shared(own(W).reshape(matrix(W.shape)), *seeds(scheme.hash), totals, members)
    return Hashed(W.shape, (totals / np.maximum(members, 1)).astype(np.float32), scheme.hash)
