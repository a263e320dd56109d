"""Incremental quantization: the range, the rule, partition, a whole schedule."""

from fractions import Fraction
from random import Random

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from qref.errors import InvalidInput
from qref.quantizers import SCHEMES
from qref.quantizers.incremental import (
    PORTIONS,
    Incremental,
    codebook,
    codes,
    counts,
    freeze,
    largest_exponent,
    magnitudes,
    partition,
    step,
)

BITS = st.integers(2, 8)
LAYER = arrays(np.float32, st.integers(1, 7), elements=st.floats(-4, 4, width=32))


def array(*values: float) -> np.ndarray:
    return np.array(values, np.float32)


@pytest.mark.requirement("QREF-LB-030")
def test_the_papers_example_of_a_range() -> None:
    """b = 3 and n₁ = −1 give n₂ = −2; 5 bits have 16 powers."""
    assert magnitudes(-1, 3) == [Fraction(1, 2), Fraction(1, 4)]
    assert codebook(-1, 3).tolist() == [0, 0.5, 0.25, -0.5, -0.25]
    assert codebook(0, 5).size == 17
    assert [codebook(0, b).size for b in range(2, 9)] == [2 ** (b - 1) + 1 for b in range(2, 9)]
    for bits in (1, 9):
        with pytest.raises(InvalidInput, match="bits"):
            magnitudes(0, bits)


@pytest.mark.requirement("QREF-LB-030")
@given(st.floats(2.0**-149, 2.0**126, width=32))
@example(s=0.75)
@example(s=float(np.nextafter(np.float32(0.75), np.float32(0))))
@example(s=1.5)
def test_the_largest_power_is_the_rounded_maximum(s: float) -> None:
    n1 = largest_exponent(array(-s))
    assert Fraction(2) ** n1 <= 4 * Fraction(s) / 3 < Fraction(2) ** (n1 + 1)


@pytest.mark.requirement("QREF-LB-030")
def test_ends_of_the_range() -> None:
    assert largest_exponent(array()) == largest_exponent(array(0, -0.0)) == 0
    assert largest_exponent(array(2.0**-149)) == -149
    with pytest.raises(InvalidInput, match=r"2\^128"):
        largest_exponent(array(1.5 * 2.0**127))
    assert codebook(-149, 3).tolist()[2] == 0  # 2⁻¹⁵⁰ is no float32


def by_equation_4(w: Fraction, powers: list[Fraction]) -> Fraction:
    for alpha, beta in zip([Fraction(0), *powers], powers):
        if (alpha + beta) / 2 <= abs(w) < 3 * beta / 2:
            return beta if w > 0 else -beta
    return Fraction(0)


@pytest.mark.requirement("QREF-LB-031")
@given(BITS, LAYER)
@example(bits=4, W=np.array([1, 0.75, -0.75, 0.375, 0.09375, 0.0625, -0.0625, 0.06], np.float32))
def test_codes_are_those_of_the_equation(bits: int, W: np.ndarray) -> None:
    n1 = largest_exponent(W)
    found = codebook(n1, bits)[codes(W, n1, bits)]
    powers = magnitudes(n1, bits)[::-1]
    assert [Fraction(float(v)) for v in found] == [by_equation_4(Fraction(float(w)), powers) for w in W]


@given(BITS, LAYER, st.integers(-20, 20))
def test_encoding_again_and_scaling_by_a_power_of_two(bits: int, W: np.ndarray, e: int) -> None:
    W = np.where(np.abs(W) < 2.0**-60, 0, W).astype(np.float32)
    encoded = Incremental(bits).encode(W)
    again = Incremental(bits).encode(encoded.decode())
    assert np.array_equal(again.decode(), encoded.decode())
    scaled = Incremental(bits).encode(np.ldexp(W, e))
    assert np.array_equal(scaled.codes, encoded.codes)
    assert scaled.n1 == (encoded.n1 + e if W.any() else 0)


def test_the_size_is_that_of_the_bytes() -> None:
    encoded = SCHEMES["inq"].of(5).encode(np.linspace(-1, 1, 33, dtype=np.float32))
    assert encoded.bits == 8 * len(encoded.packed()) == 168 + 16
    assert int.from_bytes(encoded.packed()[-2:], "little", signed=True) == 0
    small = SCHEMES["inq"].of(2).encode(array(0.25))
    assert int.from_bytes(small.packed()[-2:], "little", signed=True) == -2


@pytest.mark.requirement("QREF-LB-032")
def test_the_largest_weights_join_and_frozen_ones_stay() -> None:
    W, none = array(0.1, -0.9, 0.5, 0.5), np.zeros(4, np.uint8)
    assert partition(W, none, 2).tolist() == [0, 1, 1, 0]
    assert partition(W, np.array([1, 0, 0, 0], np.uint8), 2).tolist() == [1, 1, 0, 0]
    for count in (0, 5):
        with pytest.raises(InvalidInput, match="count"):
            partition(W, np.array([1, 0, 0, 0], np.uint8), count)
    moved, mask = freeze(W, none, 2, 3)
    assert moved.tolist() == [np.float32(0.1), -1, 0.5, 0.5]
    assert mask.tolist() == [0, 1, 1, 0]


@pytest.mark.requirement("QREF-LB-032")
def test_frozen_weights_follow_a_range_that_has_grown() -> None:
    """n₁ rises from 0 to 2: of three bits 4 and 2 are left, and 1 lies halfway between 0 and 2."""
    moved, _ = freeze(array(1, 0.5, 3.1), np.array([1, 1, 0], np.uint8), 3, 3)
    assert moved.tolist() == [2, 0, 4]


@pytest.mark.requirement("QREF-LB-033")
def test_a_step_leaves_frozen_weights_alone() -> None:
    W, g, frozen = array(1, -0.5, 0.3), array(8, 8, 8), np.array([1, 0, 0], np.uint8)
    assert step(W, g, frozen, 0.125).tolist() == [1, -1.5, np.float32(0.3) - 1]


def test_portions_are_counted_up() -> None:
    assert counts(16) == [8, 12, 14, 16]
    assert counts(10, [Fraction(3, 10), Fraction(6, 10), Fraction(1)]) == [3, 6, 10]
    assert counts(3) == [2, 3, 3, 3]
    assert counts(0) == [0, 0, 0, 0]
    assert PORTIONS[-1] == 1


@given(BITS, LAYER, LAYER)
def test_a_schedule_ends_with_powers_of_two(bits: int, W: np.ndarray, g: np.ndarray) -> None:
    """Steps of freezing and training by turns: masks only grow, and all weights end in P."""
    mask, g = np.zeros(W.shape, np.uint8), np.resize(g, W.shape)
    for count in counts(W.size):
        before = mask
        W, mask = freeze(W, mask, count, bits)
        assert mask.sum() == count and (mask >= before).all()
        trained = step(W, g, mask, 2.0**-6)
        assert np.array_equal(trained[mask == 1], W[mask == 1])
        W = trained
    assert set(W.tolist()) <= {*codebook(largest_exponent(W), bits).tolist(), 0.0}


@pytest.mark.requirement("QREF-LB-031")
@given(BITS, LAYER)
def test_each_weight_goes_to_a_nearest_power(bits: int, W: np.ndarray) -> None:
    """Brute force over all of P."""
    decoded = Incremental(bits).encode(W).decode()
    P = [Fraction(float(p)) for p in codebook(largest_exponent(W), bits)]
    for w, v in zip(W.tolist(), decoded.tolist(), strict=True):
        assert abs(Fraction(w) - Fraction(v)) == min(abs(Fraction(w) - p) for p in P)


@given(BITS, LAYER, st.randoms(use_true_random=False))
def test_the_order_of_the_weights_does_not_matter(bits: int, W: np.ndarray, random: Random) -> None:
    order = random.sample(range(W.size), W.size)
    assert np.array_equal(Incremental(bits).encode(W[order]).codes, Incremental(bits).encode(W).codes[order])
