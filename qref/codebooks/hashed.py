"""HashedNets: weights that a hash function shares out among fewer real ones.

Chen, Wilson, Tyree, Weinberger, Chen, "Compressing neural networks with the hashing trick", 2015, section 4: a layer of
M × K virtual weights has only K_w real ones, and

    V_ij = ξ(i, j)·w[h(i, j)]        h(i, j) ∈ {0, …, K_w − 1}, ξ(i, j) ∈ {−1, +1}        (equations 3 and 7)

h and ξ are computed, not stored. Both come from xxHash32, as in the authors' Torch code: the bucket is the hash modulo
K_w, the sign is +1 where a second hash is odd. What is hashed, by `key`:

    "uint32"   i and j, from 0 on, as two words of four bytes, the lowest first; the second hash has the seed
               2³² − 1 − seed
    "decimal"  the authors' strings: decimal digits of i, i + 1 and i + 2, "_", those of j, j + 1 and j + 2, from 1 on,
               and "idxW" for the bucket, "xi_W" for the sign, both with the same seed

The paper leaves h and ξ open. Keys of eight bytes are qref's choice: they need no digits, and ONNX's operators can hash
them. i is the output channel, j the place of a weight in it, so that a kernel is hashed like a matrix.

[seed: Hashed-Net, random weight sharing; Chen 2015 eq. 3, 7, 12]
"""

from dataclasses import dataclass
from fractions import Fraction
from math import prod
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qref.errors import InvalidInput
from qref.numerics.floats import float_format, nearest
from qref.numerics.philox import Stream
from qref.numerics.whole_numbers import STEP, Whole, whole
from qref.numerics.xxhash32 import M as WORDS
from qref.numerics.xxhash32 import of_pairs, xxhash32
from qref.quantizers.descent import descend
from qref.quantizers.granularity import matrix
from qref.quantizers.scheme import Scheme
from qref.quantizers.weights import finite

FLOAT32 = float_format("float32")
SEED = 1691  # of the authors' code
KEYS = ("uint32", "decimal")

Weights = NDArray[np.float32]


@dataclass(frozen=True)
class Hash:
    """h and ξ of a layer. seed: 0 to 2³² − 1. key: what is hashed, "uint32" or "decimal"."""

    seed: int = SEED
    key: str = "uint32"

    def __post_init__(self) -> None:
        if not 0 <= self.seed < WORDS:
            raise InvalidInput(f"seed {self.seed}: give 0 to 2^32 - 1")
        if self.key not in KEYS:
            raise InvalidInput(f"key {self.key!r} is not one of {', '.join(KEYS)}")

    def buckets(self, shape: tuple[int, ...], count: int) -> NDArray[np.int32]:
        """h(i, j) for a tensor of this shape, output channels first: the hash modulo `count`."""
        hashes = self._hashes(shape, self.seed, "idxW")
        if not hashes.size:
            return np.zeros(shape, np.int32)
        if not 1 <= count < 2**31:
            raise InvalidInput(f"{count} real weights for {hashes.size} virtual ones: give 1 to 2^31 - 1")
        return (hashes % np.uint32(count)).astype(np.int32).reshape(shape)

    def signs(self, shape: tuple[int, ...]) -> NDArray[np.int8]:
        """ξ(i, j) for a tensor of this shape: +1 where the second hash is odd, −1 where it is even."""
        second = WORDS - 1 - self.seed if self.key == "uint32" else self.seed
        odd = self._hashes(shape, second, "xi_W") & np.uint32(1)
        return (2 * odd.astype(np.int8) - 1).reshape(shape)

    def _hashes(self, shape: tuple[int, ...], seed: int, ending: str) -> NDArray[np.uint32]:
        """One hash a weight [M, K]."""
        M, K = matrix(shape)
        if self.key == "uint32":
            return of_pairs(np.arange(M)[:, None], np.arange(K)[None], seed)
        found = [xxhash32(f"{_digits(i)}_{_digits(j)}{ending}".encode(), seed) for i in range(M) for j in range(K)]
        return np.array(found, np.uint32).reshape(M, K)


def _digits(i: int) -> str:
    return f"{i + 1}{i + 2}{i + 3}"


@dataclass(frozen=True, eq=False)
class Hashed:
    """V_ij = ξ(i, j)·w[h(i, j)].

    shape: of the virtual weights, output channels first. weights: w, float32 [K_w]. The size is that of w and of the
    seed; no index is stored.
    """

    shape: tuple[int, ...]
    weights: Weights
    hash: Hash = Hash()

    @property
    def bits(self) -> int:
        return 32 * (self.weights.size + 1)

    def packed(self) -> bytes:
        return self.weights.astype("<f4").tobytes() + self.hash.seed.to_bytes(4, "little")

    def decode(self) -> Weights:
        """V, exact."""
        buckets, signs = self.hash.buckets(self.shape, self.weights.size), self.hash.signs(self.shape)
        if not buckets.size:
            return np.zeros(self.shape, np.float32)
        return self.weights[buckets] * signs


def sums(x: Whole, shape: tuple[int, ...], count: int, hash: Hash) -> list[int]:
    """Σ ξ(i, j)·x_ij over each of `count` buckets, of whole numbers x of the virtual weights' shape."""
    found = [0] * count
    buckets, signs = hash.buckets(shape, count), hash.signs(shape)
    for k, xi, value in zip(buckets.reshape(-1).tolist(), signs.reshape(-1).tolist(), x.reshape(-1).tolist()):
        found[k] += xi * value
    return found


def gradient(g: Weights, count: int, hash: Hash) -> list[Fraction]:
    """∂L/∂w_k = Σ ξ(i, j)·∂L/∂V_ij over h(i, j) = k (equations 11 and 12), exact. g: ∂L/∂V."""
    return [total * STEP for total in sums(whole(g), g.shape, count, hash)]


def step(w: Weights, g: Weights, eta: float, hash: Hash = Hash()) -> Weights:
    """w' = w − η ∂L/∂w, rounded once. g: ∂L/∂V of the virtual weights' shape."""
    return descend(finite("w", w), gradient(finite("g", g), w.size, hash), eta)


def fitted(W: Weights, count: int, hash: Hash) -> Weights:
    """The w of the smallest ‖W − V‖²: w_k is the mean of ξ(i, j)·W_ij over h(i, j) = k, rounded once; 0 of none."""
    members = np.bincount(hash.buckets(W.shape, count).reshape(-1), minlength=count).tolist()
    means = [total / max(n, 1) for total, n in zip(gradient(W, count, hash), members, strict=True)]
    return np.array([nearest(mean, FLOAT32) for mean in means], np.float32)


def real_weights(shape: tuple[int, ...], compression: Fraction) -> int:
    """K_w = ⌈compression · N⌉ real weights for the N virtual ones of a shape."""
    share = compression * prod(shape)
    return -(-share.numerator // share.denominator)


@dataclass(frozen=True)
class HashedWeights:
    """Trained weights as hashed ones. compression: real weights for each virtual one; the paper has 1/2 to 1/64."""

    compression: Fraction = Fraction(1, 8)
    hash: Hash = Hash()

    def __post_init__(self) -> None:
        if not 0 < self.compression <= 1:
            raise InvalidInput(f"compression {self.compression}: give real weights for each virtual one, 1 at most")

    def encode(self, W: Weights, *, inputs: NDArray[Any] | None = None, stream: Stream | None = None) -> Hashed:
        """The real weights nearest to W.

        Raises:
            InvalidInput: W is not float32 or not finite.
        """
        W = finite("W", W)
        return Hashed(W.shape, fitted(W, real_weights(W.shape, self.compression), self.hash), self.hash)


HASHED = Scheme(
    "hashed",
    "weights shared by a hash of their place: b/32 real ones for each, with a sign",
    lambda bits, granularity: HashedWeights(Fraction(bits, 32)),
    bits=(1, 2, 4, 8, 16),
    usual=4,
    granularities=("tensor",),
)
