"""Philox-4x32-10 against Random123's published known answers, and the map from elements to counters."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from qref.errors import InvalidInput
from qref.numerics.philox import event, philox4x32, uniform, words

# Random123, tests/kat_vectors, the lines "philox4x32 10": counter, key, result
KNOWN_ANSWERS = """
00000000 00000000 00000000 00000000 00000000 00000000 6627e8d5 e169c58d bc57ac4c 9b00dbd8
ffffffff ffffffff ffffffff ffffffff ffffffff ffffffff 408f276d 41c83b0e a20bc7c6 6d5451fd
243f6a88 85a308d3 13198a2e 03707344 a4093822 299f31d0 d16cfe09 94fdcceb 5001e420 24126ea1
"""


def one_block(counter: tuple[int, ...], key: tuple[int, int]) -> list[int]:
    """Ten rounds on Python integers, as the paper's figure draws them."""
    left_0, right_0, left_1, right_1 = counter
    k0, k1 = key
    for _ in range(10):
        high_0, low_0 = divmod(0xD2511F53 * left_0, 2**32)
        high_1, low_1 = divmod(0xCD9E8D57 * left_1, 2**32)
        left_0, right_0, left_1, right_1 = high_1 ^ right_0 ^ k0, low_1, high_0 ^ right_1 ^ k1, low_0
        k0, k1 = (k0 + 0x9E3779B9) & 0xFFFFFFFF, (k1 + 0xBB67AE85) & 0xFFFFFFFF
    return [left_0, right_0, left_1, right_1]


@pytest.mark.requirement("QREF-NO-005")
@pytest.mark.parametrize("line", KNOWN_ANSWERS.strip().splitlines())
def test_known_answers(line: str) -> None:
    numbers = [int(word, 16) for word in line.split()]
    counter, key, expected = numbers[:4], (numbers[4], numbers[5]), numbers[6:]
    assert one_block(tuple(counter), key) == expected
    assert philox4x32(np.array([counter], np.uint32), key)[0].tolist() == expected


@pytest.mark.requirement("QREF-NO-005")
@given(seed=st.integers(0, 2**64 - 1), tensor=st.integers(0, 2**32 - 1), count=st.integers(0, 23))
def test_element_i_of_tensor_t_is_a_word_of_one_block(seed: int, tensor: int, count: int) -> None:
    key = (seed % 2**32, seed // 2**32)
    expected = [one_block((i // 4, 0, tensor, 0), key)[i % 4] for i in range(count)]
    assert words(seed, tensor, count).tolist() == expected


def test_a_longer_stream_begins_with_the_shorter() -> None:
    assert words(5, 7, 100)[:33].tolist() == words(5, 7, 33).tolist()


@pytest.mark.parametrize(
    ("seed", "tensor", "count"), [(-1, 0, 1), (2**64, 0, 1), (0, -1, 1), (0, 2**32, 1), (0, 0, -1)]
)
def test_streams_that_do_not_exist(seed: int, tensor: int, count: int) -> None:
    with pytest.raises(InvalidInput, match=f"seed {seed}, tensor {tensor}, count {count}"):
        words(seed, tensor, count)


@pytest.mark.requirement("QREF-NO-006")
def test_the_unit_interval() -> None:
    word = np.array([0, 1, 2**31, 2**32 - 1], np.uint32)
    assert [Fraction(u) for u in uniform(word)] == [Fraction(int(w), 2**32) for w in word]
    assert uniform(word).max() < 1


@pytest.mark.requirement("QREF-NO-006")
@pytest.mark.parametrize("p", [Fraction(0), Fraction(1, 3), Fraction(1, 2**32), Fraction(1, 2**40), Fraction(1)])
def test_an_event_happens_below_its_probability(p: Fraction) -> None:
    edge = int(p * 2**32)
    word = np.array([w for w in (0, edge - 1, edge, edge + 1, 2**32 - 1) if 0 <= w < 2**32], np.uint32)
    assert event(word, p).tolist() == [Fraction(int(w), 2**32) < p for w in word]
