"""Philox-4x32-10 of Salmon 2011, one word at a time in plain integers."""

from independent.refusal import refuse_unless


def words(seed: int, tensor: int, count: int) -> list[int]:
    """The first words of a tensor."""
    refuse_unless(0 <= seed < 2**64 and 0 <= tensor < 2**32, "a seed of 64 bits and a tensor's number of 32")
    return [word(seed, tensor, i) for i in range(count)]


def word(seed: int, tensor: int, i: int) -> int:
    """Word i of a tensor: word i mod 4 of the block i // 4."""
    c = [(i // 4) % 2**32, (i // 4) >> 32, tensor, 0]
    k = [seed % 2**32, seed >> 32]
    for _ in range(10):
        a, b = 0xD2511F53 * c[0], 0xCD9E8D57 * c[2]
        c = [(b >> 32) ^ c[1] ^ k[0], b % 2**32, (a >> 32) ^ c[3] ^ k[1], a % 2**32]
        k = [(k[0] + 0x9E3779B9) % 2**32, (k[1] + 0xBB67AE85) % 2**32]
    return c[i % 4]
