"""Every rounding mode against its definition on exact rationals."""

import math
from collections.abc import Callable
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from qref.numerics.rounding import ROUNDINGS, stochastic, to_odd


def nearest(x: Fraction, tie: Callable[[int, int], int]) -> int:
    """The integer closest to x; of two equally close ones, below and above, the one that `tie` picks."""
    below, above = math.floor(x), math.ceil(x)
    if x - below != above - x:
        return below if x - below < above - x else above
    return tie(below, above)


DEFINITIONS: dict[str, Callable[[Fraction], int]] = {
    "half-even": round,  # Fraction.__round__ is defined as half to even
    "half-away": lambda x: nearest(x, lambda low, high: max(low, high, key=abs)),
    "half-up": lambda x: nearest(x, lambda low, high: high),
    "half-toward-zero": lambda x: nearest(x, lambda low, high: min(low, high, key=abs)),
    "floor": math.floor,
    "ceil": math.ceil,
    "trunc": math.trunc,
    "to-odd": lambda x: int(x) if x.denominator == 1 else next(y for y in (math.floor(x), math.ceil(x)) if y % 2),
}
SMALL = [(n, d) for d in range(1, 17) for n in range(-80, 81)]


def test_every_mode_is_held() -> None:
    assert set(ROUNDINGS) == set(DEFINITIONS)


@pytest.mark.requirement("QREF-RD-001", "QREF-RD-002", "QREF-RD-003", "QREF-RD-004")
@pytest.mark.parametrize("mode", ROUNDINGS)
def test_small_ratios_exhaustively(mode: str) -> None:
    for n, d in SMALL:
        assert ROUNDINGS[mode](n, d) == DEFINITIONS[mode](Fraction(n, d)), f"{n}/{d}"


@pytest.mark.parametrize("mode", ROUNDINGS)
def test_arrays_agree_with_integers(mode: str) -> None:
    n, d = (np.array(column) for column in zip(*SMALL, strict=True))
    expected = [DEFINITIONS[mode](Fraction(*ratio)) for ratio in SMALL]
    assert ROUNDINGS[mode](n, d).tolist() == expected
    assert ROUNDINGS[mode](n.astype(object), d.astype(object)).tolist() == expected


big = st.integers(-(2**200), 2**200)


@pytest.mark.requirement("QREF-RD-001", "QREF-RD-002", "QREF-RD-003", "QREF-RD-004")
@pytest.mark.parametrize("mode", ROUNDINGS)
@given(n=big, d=st.integers(1, 2**100))
def test_large_ratios(mode: str, n: int, d: int) -> None:
    assert ROUNDINGS[mode](n, d) == DEFINITIONS[mode](Fraction(n, d))


@pytest.mark.requirement("QREF-RD-001", "QREF-RD-002", "QREF-RD-003", "QREF-RD-004")
@pytest.mark.parametrize("mode", ROUNDINGS)
@given(whole=big, d=st.integers(1, 2**100), side=st.sampled_from([-1, 0, 1]))
def test_large_ties_and_their_neighbours(mode: str, whole: int, d: int, side: int) -> None:
    n = (2 * whole + 1) * d + side
    assert ROUNDINGS[mode](n, 2 * d) == DEFINITIONS[mode](Fraction(n, 2 * d))


@given(n=big, d=st.integers(1, 2**60), bits=st.integers(2, 40))
def test_to_odd_with_two_extra_bits_then_to_nearest_rounds_once(n: int, d: int, bits: int) -> None:
    extra = to_odd(n << bits, d)
    assert ROUNDINGS["half-even"](extra, 1 << bits) == round(Fraction(n, d))


def test_one_extra_bit_would_not_do() -> None:
    # 3/8 → 1/2 (one extra bit, to odd) → a tie that the exact value is not
    assert ROUNDINGS["half-up"](to_odd(3 * 2, 8), 2) == 1 != ROUNDINGS["half-up"](3, 8)


@pytest.mark.requirement("QREF-RD-005")
@pytest.mark.parametrize(("n", "d"), [(0, 1), (7, 4), (-7, 4), (5, 1), (-1, 3), (1, 2**32), (2**32 - 1, 2**32)])
def test_stochastic_rounds_up_for_exactly_the_share_of_words(n: int, d: int) -> None:
    x = Fraction(n, d)
    up = math.ceil((x - math.floor(x)) * 2**32)  # the number of words w with w · 2⁻³² < fraction
    for word in {0, up - 1, up, 2**32 - 1}:
        if 0 <= word < 2**32:
            assert stochastic(n, d, word) == math.floor(x) + (word < up)


def test_stochastic_on_arrays_counts_every_byte_pattern() -> None:
    words = np.arange(256, dtype=np.int64) << 24
    rounded = stochastic(np.full(256, -21), np.full(256, 8), words)  # −2.625 = −3 + 3/8
    assert np.unique_counts(rounded).counts.tolist() == [160, 96]
    assert rounded.min() == -3


@pytest.mark.requirement("QREF-RD-005")
@given(n=big, d=st.integers(1, 2**60), word=st.integers(0, 2**32 - 1))
def test_stochastic_by_its_definition(n: int, d: int, word: int) -> None:
    x = Fraction(n, d)
    assert stochastic(n, d, word) == math.floor(x) + (Fraction(word, 2**32) < x - math.floor(x))
