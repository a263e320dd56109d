"""xxHash32 against published values and against the C library."""

import numpy as np
import pytest
import xxhash
from hypothesis import given
from hypothesis import strategies as st

from qref.numerics.xxhash32 import P1, of_pairs, xxhash32

words = st.integers(0, 2**32 - 1)


def sanity_buffer(length: int) -> bytes:
    """The buffer of xxHash's own sanity check: squares of a growing generator, their highest bytes."""
    generator, found = P1, bytearray()
    for _ in range(length):
        found.append(generator >> 24)
        generator = generator * generator % 2**32
    return bytes(found)


@pytest.mark.requirement("QREF-HN-001")
@pytest.mark.parametrize(
    ("length", "seed", "wanted"),
    [
        (0, 0, 0x02CC5D05),
        (0, P1, 0x36B78AE7),
        (1, 0, 0xB85CBEE5),
        (1, P1, 0xD5845D64),
        (14, 0, 0xE5AA0AB4),
        (14, P1, 0x4481951D),
        (101, 0, 0x1F1AA412),
        (101, P1, 0x498EC8E2),
    ],
)
def test_the_sanity_check_of_xxhash(length: int, seed: int, wanted: int) -> None:
    assert xxhash.xxh32_intdigest(sanity_buffer(length), seed) == wanted
    assert xxhash32(sanity_buffer(length), seed) == wanted


@pytest.mark.parametrize(
    ("text", "wanted"), [(b"", 0x02CC5D05), (b"a", 0x550D7456), (b"abc", 0x32D153FF), (b"foobar", 3986901679)]
)
def test_known_strings(text: bytes, wanted: int) -> None:
    assert xxhash32(text) == wanted


@pytest.mark.requirement("QREF-HN-001")
@given(st.binary(max_size=100), words)
def test_every_key_hashes_as_in_the_c_library(key: bytes, seed: int) -> None:
    assert xxhash32(key, seed) == xxhash.xxh32_intdigest(key, seed)


@given(st.lists(st.tuples(words, words), min_size=1, max_size=9), words)
def test_pairs_are_keys_of_eight_bytes(pairs: list[tuple[int, int]], seed: int) -> None:
    i, j = np.array(pairs, np.uint64).T
    wanted = [xxhash32(a.to_bytes(4, "little") + b.to_bytes(4, "little"), seed) for a, b in pairs]
    assert of_pairs(i, j, seed).tolist() == wanted


def test_pairs_broadcast() -> None:
    grid = of_pairs(np.arange(2)[:, None], np.arange(3), 7)
    assert grid.shape == (2, 3) and grid.dtype == np.uint32
    assert grid[1, 2] == xxhash32(b"\1\0\0\0\2\0\0\0", 7)
