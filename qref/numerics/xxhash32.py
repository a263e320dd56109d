"""xxHash32: 32 bits of a string of bytes that look random, the same on every machine.

Yann Collet, "xxHash fast digest algorithm", version 0.1.1, section XXH32: stripes of 16 bytes go through four lanes,
what is left through words of 4 bytes and then bytes, and an avalanche mixes the result. `xxhash32` is the definition,
`of_pairs` the same for many keys of two words.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

P1, P2, P3, P4, P5 = 0x9E3779B1, 0x85EBCA77, 0xC2B2AE3D, 0x27D4EB2F, 0x165667B1
M = 1 << 32


def xxhash32(key: bytes, seed: int = 0) -> int:
    """The hash of `key`. seed: 0 to 2³² − 1."""
    h, rest = _stripes(key, seed) if len(key) >= 16 else ((seed + P5) % M, key)
    h = (h + len(key)) % M
    while len(rest) >= 4:
        word, rest = int.from_bytes(rest[:4], "little"), rest[4:]
        h = rotated(h + word * P3, 17) * P4 % M
    for byte in rest:
        h = rotated(h + byte * P5, 11) * P1 % M
    return avalanche(h)


def _stripes(key: bytes, seed: int) -> tuple[int, bytes]:
    """The four lanes of all whole stripes as one number, and the bytes that are left."""
    lanes = [seed + P1 + P2, seed + P2, seed, seed - P1]
    whole = len(key) // 16 * 16
    for begin in range(0, whole, 4):
        word = int.from_bytes(key[begin : begin + 4], "little")
        lane = begin // 4 % 4
        lanes[lane] = rotated(lanes[lane] + word * P2, 13) * P1 % M
    return sum(rotated(lane, r) for lane, r in zip(lanes, (1, 7, 12, 18))) % M, key[whole:]


def rotated(x: int, r: int) -> int:
    """x mod 2³², its bits turned left by r."""
    x %= M
    return (x << r | x >> (32 - r)) % M


def avalanche(h: int) -> int:
    """The last mixing: each bit of h changes each bit of the result with a chance of a half."""
    h = (h ^ h >> 15) * P2 % M
    h = (h ^ h >> 13) * P3 % M
    return h ^ h >> 16


def of_pairs(i: NDArray[Any], j: NDArray[Any], seed: int) -> NDArray[np.uint32]:
    """The hash of i and j, each as four bytes, the lowest first: eight bytes a key.

    Args:
        i, j: integers from 0 to 2³² − 1, of shapes that broadcast.
    """
    h: NDArray[Any] = np.array((seed + P5 + 8) % M, np.uint32)
    for word in (i, j):
        h = h + np.asarray(word).astype(np.uint32) * np.uint32(P3)
        h = (h << np.uint32(17) | h >> np.uint32(15)) * np.uint32(P4)
    h = (h ^ h >> np.uint32(15)) * np.uint32(P2)
    h = (h ^ h >> np.uint32(13)) * np.uint32(P3)
    return np.asarray(h ^ h >> np.uint32(16))
