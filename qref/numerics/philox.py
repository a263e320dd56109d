"""Random words that are the same everywhere: Philox-4x32-10, a function of (seed, tensor, element) and nothing else.

Salmon, Moraes, Dror, Shaw, "Parallel random numbers: as easy as 1, 2, 3", 2011, section 3.3. (NumPy's Philox is 4×64:
another stream.)
"""

from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qref.errors import InvalidInput

M0, M1 = np.uint64(0xD2511F53), np.uint64(0xCD9E8D57)
W0, W1 = 0x9E3779B9, 0xBB67AE85
LOW = np.uint64(0xFFFFFFFF)
ROUNDS = 10


def philox4x32(counter: NDArray[np.uint32], key: tuple[int, int]) -> NDArray[np.uint32]:
    """Four random words for each counter.

    Args:
        counter: [n, 4] 32-bit words. key: two 32-bit words.

    Returns:
        [n, 4] 32-bit words.
    """
    c0, c1, c2, c3 = (counter[:, i].astype(np.uint64) for i in range(4))
    k0, k1 = key
    for _ in range(ROUNDS):
        p0, p1 = M0 * c0, M1 * c2
        high0, low0 = p0 >> np.uint64(32), p0 & LOW
        high1, low1 = p1 >> np.uint64(32), p1 & LOW
        c0, c1, c2, c3 = high1 ^ c1 ^ np.uint64(k0), low1, high0 ^ c3 ^ np.uint64(k1), low0
        k0, k1 = (k0 + W0) % 2**32, (k1 + W1) % 2**32
    return np.stack([c0, c1, c2, c3], axis=1).astype(np.uint32)


def words(seed: int, tensor: int, count: int) -> NDArray[np.uint32]:
    """The first `count` words of tensor number `tensor` under `seed`.

    Element i is word i mod 4 of the block with counter (⌊i/4⌋ mod 2³², ⌊⌊i/4⌋/2³²⌋, tensor, 0) and key
    (seed mod 2³², ⌊seed/2³²⌋).

    Raises:
        InvalidInput: seed is not 0 to 2⁶⁴−1, tensor not 0 to 2³²−1, or count negative.
    """
    if not (0 <= seed < 2**64 and 0 <= tensor < 2**32 and count >= 0):
        raise InvalidInput(
            f"seed {seed}, tensor {tensor}, count {count}: give a 64-bit seed, a 32-bit tensor number, a length"
        )
    block = np.arange(-(-count // 4), dtype=np.uint64)
    counter = np.zeros((len(block), 4), np.uint32)
    counter[:, 0] = block & LOW
    counter[:, 1] = block >> np.uint64(32)
    counter[:, 2] = tensor
    return philox4x32(counter, (seed % 2**32, seed >> 32)).ravel()[:count]


def uniform(word: NDArray[np.uint32]) -> NDArray[np.float64]:
    """u = word · 2⁻³², in [0, 1), exact."""
    return word.astype(np.float64) * 2.0**-32


def event(word: NDArray[np.uint32], p: Fraction) -> NDArray[Any]:
    """Where an event of probability p happens: u < p, compared exactly."""
    return np.array([int(w) * p.denominator < p.numerator * 2**32 for w in word], np.bool_)


@dataclass(frozen=True)
class Stream:
    """The random words of one tensor: a seed of 64 bits and the number of the tensor, of 32."""

    seed: int
    tensor: int = 0

    def words(self, count: int) -> NDArray[np.uint32]:
        """The first `count` words. Raises InvalidInput as `words` does."""
        return words(self.seed, self.tensor, count)
