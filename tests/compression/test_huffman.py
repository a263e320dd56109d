"""Huffman's code: optimal among all prefix codes, canonical, limited to 15 bits, there and back."""

from functools import cache
from itertools import product
from math import log2

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from qref.compression import huffman
from qref.compression.huffman_coded import HuffmanCoded, counts
from qref.errors import InvalidInput
from qref.quantizers import SCHEMES
from qref.quantizers.encoded import Symbols

COUNTS = st.lists(st.integers(0, 40), min_size=1, max_size=12)
FIBONACCI = [1, 1]
while len(FIBONACCI) < 40:
    FIBONACCI.append(sum(FIBONACCI[-2:]))


def array(values: list[int]) -> np.ndarray:
    return np.array(values, np.int64)


def total(occur: list[int], lengths: np.ndarray) -> int:
    return sum(n * int(length) for n, length in zip(occur, lengths))


@cache
def kraft(symbols: int, longest: int) -> list[tuple[int, ...]]:
    """All lengths of a prefix code of so many symbols."""
    each = product(range(1, longest + 1), repeat=symbols)
    return [lengths for lengths in each if sum(2 ** (longest - n) for n in lengths) <= 2**longest]


@pytest.mark.requirement("QREF-ST-009")
@given(st.lists(st.integers(1, 30), min_size=2, max_size=5))
def test_no_prefix_code_is_shorter(occur: list[int]) -> None:
    best = min(total(occur, np.array(lengths)) for lengths in kraft(len(occur), len(occur) - 1))
    assert total(occur, huffman.code_lengths(array(occur))) == best


@pytest.mark.requirement("QREF-ST-010")
@given(st.lists(st.integers(1, 200), min_size=2, max_size=6), st.integers(3, 4))
def test_package_merge_is_the_best_of_limited_codes(occur: list[int], longest: int) -> None:
    best = min(total(occur, np.array(lengths)) for lengths in kraft(len(occur), longest))
    lengths = np.array(huffman.package_merge(occur, longest))
    assert lengths.max() <= longest
    assert sum(2.0**-lengths) == 1
    assert total(occur, lengths) == best


@given(COUNTS)
def test_package_merge_without_need_is_huffmans_total(occur: list[int]) -> None:
    found = [n for n in occur if n]
    if len(found) > 1:
        assert total(found, np.array(huffman.package_merge(found, 15))) == total(
            found, np.array(huffman.tree_depths(found))
        )


@given(COUNTS)
def test_the_total_is_within_a_bit_a_symbol_of_the_entropy(occur: list[int]) -> None:
    n = [count for count in occur if count]
    entropy = sum(count * log2(sum(n) / count) for count in n)
    length = total(occur, huffman.code_lengths(array(occur)))
    assert entropy - 1e-9 <= length
    assert length < entropy + sum(n) or not n or (len(n) == 1 and length == n[0])


@given(COUNTS)
def test_kraft_is_an_equality_and_codewords_begin_none_other(occur: list[int]) -> None:
    lengths = huffman.code_lengths(array(occur))
    huffman.check(lengths)
    words = [f"{word:0{n}b}" for word, n in zip(huffman.codewords(lengths).tolist(), lengths.tolist()) if n]
    assert len(words) == sum(count > 0 for count in occur)
    assert not any(a != b and b.startswith(a) for a in words for b in words)
    assert len(set(words)) == len(words)


@pytest.mark.requirement("QREF-ST-009")
@pytest.mark.parametrize(
    ("occur", "bits"),
    [
        ([20, 18, 10, 10, 10, 6, 6, 4, 4, 4, 4, 3, 1], 342),  # Huffman 1952, table I: 3.42 a message
        ([45, 13, 12, 16, 9, 5], 224),  # Cormen, Leiserson, Rivest, "Introduction to algorithms", section 16.3
        ([15, 7, 6, 6, 5], 87),  # where Shannon's and Fano's code takes 89
    ],
)
def test_published_totals(occur: list[int], bits: int) -> None:
    assert total(occur, huffman.code_lengths(array(occur))) == bits


@pytest.mark.requirement("QREF-ST-009")
def test_of_equal_counts_symbols_come_first_and_the_longest_word_stays_short() -> None:
    assert huffman.code_lengths(array([1, 1, 2, 2])).tolist() == [2, 2, 2, 2]
    assert huffman.code_lengths(array([2, 2, 1, 1])).tolist() == [2, 2, 2, 2]
    assert huffman.code_lengths(array([1, 1, 1])).tolist() == [2, 2, 1]


@pytest.mark.requirement("QREF-ST-009")
def test_one_symbol_has_a_bit_and_none_has_no_code() -> None:
    assert huffman.code_lengths(array([0, 7, 0])).tolist() == [0, 1, 0]
    assert huffman.encode(np.ones(9, np.uint8), np.array([0, 1], np.uint8)) == bytes(2)
    assert huffman.code_lengths(array([0, 0])).tolist() == [0, 0]
    assert huffman.encode(np.zeros(0, np.uint8), np.zeros(2, np.uint8)) == b""
    assert huffman.decode(b"", np.zeros(2, np.uint8), 0).size == 0


@pytest.mark.requirement("QREF-ST-010")
@pytest.mark.parametrize("symbols", [2, 16, 17, 30, 40])
def test_no_codeword_is_longer_than_fifteen_bits(symbols: int) -> None:
    lengths = huffman.code_lengths(array(FIBONACCI[:symbols]))
    assert lengths.max() == min(symbols - 1, 15)
    huffman.check(lengths)


@pytest.mark.requirement("QREF-ST-009")
def test_a_tree_of_depth_m_needs_fibonaccis_number_of_symbols() -> None:
    """The bound of the spec: depths of m bits need F(m + 2) symbols in the stream, however counts lie."""
    rng = np.random.default_rng(5)
    for _ in range(300):
        occur = [int(n) for n in np.ceil(1.62 ** rng.uniform(0, 14, rng.integers(2, 16)))]
        depth = max(huffman.tree_depths(occur))
        assert sum(occur) >= FIBONACCI[depth + 1]
    assert sum(FIBONACCI[:10]) == FIBONACCI[11] - 1 == 143
    assert max(huffman.tree_depths(FIBONACCI[:10])) == 9


@pytest.mark.requirement("QREF-ST-011")
@given(st.integers(1, 8), st.binary(max_size=300))
def test_a_stream_comes_back(width: int, raw: bytes) -> None:
    symbols = np.frombuffer(raw, np.uint8) & np.uint8((1 << width) - 1)
    lengths = huffman.code_lengths(counts(Symbols(symbols, width)))
    packed = huffman.encode(symbols, lengths)
    assert 8 * len(packed) == huffman.stream_bits(counts(Symbols(symbols, width)), lengths)
    np.testing.assert_array_equal(huffman.decode(packed, lengths, symbols.size), symbols)


def test_blocks_of_a_long_stream_join_inside_bytes(monkeypatch: pytest.MonkeyPatch) -> None:
    symbols = np.minimum(np.random.default_rng(1).geometric(0.4, 999), 9).astype(np.uint8)
    lengths = huffman.code_lengths(counts(Symbols(symbols, 4)))
    whole = huffman.encode(symbols, lengths)
    monkeypatch.setattr(huffman, "BLOCK", 7)
    assert huffman.encode(symbols, lengths) == whole


@pytest.mark.requirement("QREF-ST-012")
@pytest.mark.parametrize(
    ("raw", "lengths", "count", "complaint"),
    [
        ([0b10110000], [1, 2, 2], 7, "ends inside symbol 6 of 7"),
        ([0b01011111], [1, 2, 2], 5, "ends inside symbol 4"),
        ([0b10110000, 0], [1, 2, 2], 4, "2 bytes for 4 symbols of 6 bits"),
        ([0b10110001], [1, 2, 2], 3, "fewer than 8 zeros"),
        ([0], [1, 1, 2], 1, "more than there are"),
        ([0], [1, 2, 3], 1, "not all"),
        ([0], [2, 0, 0], 1, "not all"),
        ([0], [*range(1, 17), 16], 1, "a codeword of 16 bits"),
        ([0b01000000, 0], [1, 0], 3, "symbol 1: no codeword begins"),
        ([0], [0, 0], 1, "ends inside symbol 0"),
    ],
)
def test_malformed_streams_are_refused(raw: list[int], lengths: list[int], count: int, complaint: str) -> None:
    with pytest.raises(InvalidInput, match=complaint):
        huffman.decode(bytes(raw), np.array(lengths, np.uint8), count)


@pytest.mark.requirement("QREF-ST-013")
def test_the_size_counts_code_lengths_codewords_and_tables() -> None:
    W = np.random.default_rng(3).standard_normal((8, 50)).astype(np.float32)
    encoded = SCHEMES["uniform"].of(8).encode(W)
    stored = HuffmanCoded(encoded)
    [stream] = encoded.symbols
    lengths = huffman.code_lengths(counts(stream))
    assert stored.bits == 8 * len(stored.packed())
    assert stored.packed() == huffman.packed_lengths(lengths) + huffman.encode(stream.values, lengths) + encoded.tables
    assert len(huffman.packed_lengths(lengths)) == 128
    assert stored.shape == W.shape
    np.testing.assert_array_equal(stored.decode(), encoded.decode())
