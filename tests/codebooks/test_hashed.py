"""HashedNets: buckets and signs from hashes, and what follows from them."""

from fractions import Fraction

import numpy as np
import pytest
import xxhash
from hypothesis import given
from hypothesis import strategies as st

from qref.codebooks.hashed import HASHED, Hash, Hashed, HashedWeights, fitted, gradient, real_weights, step
from qref.errors import InvalidInput

seeds = st.integers(0, 2**32 - 1)
shapes = st.lists(st.integers(0, 4), max_size=4).map(tuple)


def bell(*shape: int) -> np.ndarray:
    return np.random.default_rng(3).standard_normal(shape).astype(np.float32)


@pytest.mark.requirement("QREF-HN-002", "QREF-HN-004")
def test_buckets_and_signs_are_the_c_librarys_hashes() -> None:
    hash = Hash(7)
    buckets, signs = hash.buckets((3, 2, 2), 5), hash.signs((3, 2, 2))
    for m in range(3):
        for k in range(4):
            key = m.to_bytes(4, "little") + k.to_bytes(4, "little")
            assert buckets.reshape(3, 4)[m, k] == xxhash.xxh32_intdigest(key, 7) % 5
            odd = xxhash.xxh32_intdigest(key, 2**32 - 1 - 7) % 2
            assert signs.reshape(3, 4)[m, k] == (1 if odd else -1)


@pytest.mark.requirement("QREF-HN-003")
def test_the_authors_keys_are_decimal_digits() -> None:
    hash = Hash(key="decimal")
    assert hash.buckets((2, 12), 100)[1, 9] == xxhash.xxh32_intdigest(b"234_101112idxW", 1691) % 100
    assert hash.signs((2, 12))[1, 9] == 2 * (xxhash.xxh32_intdigest(b"234_101112xi_W", 1691) % 2) - 1


@pytest.mark.requirement("QREF-HN-005")
def test_a_decoded_weight_is_its_real_one_or_the_negative() -> None:
    encoded = Hashed((4, 6), np.array([1, 2, 3], np.float32), Hash(9))
    buckets, signs = Hash(9).buckets((4, 6), 3), Hash(9).signs((4, 6))
    assert encoded.decode().tolist() == (signs * (buckets + 1)).tolist()


@pytest.mark.requirement("QREF-HN-008")
def test_a_real_weight_is_the_mean_over_its_bucket() -> None:
    W, hash = bell(5, 8), Hash(1)
    w, buckets, signs = fitted(W, 6, hash), hash.buckets((5, 8), 6), hash.signs((5, 8))
    wanted = [float((W * signs)[buckets == k].astype(np.float64).mean()) for k in range(6)]
    np.testing.assert_allclose(w, wanted, rtol=1e-6)


def test_no_other_real_weights_are_nearer() -> None:
    W = bell(4, 9)
    best = HashedWeights(Fraction(1, 4)).encode(W)
    error = np.square(W - best.decode()).sum()
    for k in range(best.weights.size):
        moved = best.weights.copy()
        moved[k] += np.float32(1e-2)
        assert np.square(W - Hashed(W.shape, moved).decode()).sum() >= error


def test_a_bucket_without_weights_holds_zero() -> None:
    hash = Hash(0)
    empty = sorted(set(range(4)) - set(hash.buckets((1, 2), 4).reshape(-1).tolist()))
    assert empty and not fitted(np.ones((1, 2), np.float32), 4, hash)[empty].any()


@pytest.mark.requirement("QREF-HN-007")
def test_the_gradient_is_that_of_small_differences() -> None:
    g, w, hash = bell(3, 5), np.array([0.5, -1.0, 2.0, 0.25], np.float32), Hash(4)
    for k, slope in enumerate(gradient(g, 4, hash)):
        up = w.copy()
        up[k] += 1
        difference = Hashed((3, 5), up, hash).decode() - Hashed((3, 5), w, hash).decode()
        assert float(slope) == pytest.approx(float((difference.astype(np.float64) * g).sum()), rel=1e-5)


@pytest.mark.requirement("QREF-HN-009")
def test_a_step_goes_down() -> None:
    w, g = np.array([1.0, 1.0], np.float32), np.ones((2, 2), np.float32)
    slope = [float(one) for one in gradient(g, 2, Hash())]
    assert step(w, g, 0.5).tolist() == [1 - slope[0] / 2, 1 - slope[1] / 2]


@pytest.mark.parametrize(("bits", "count"), [(1, 1), (4, 3), (16, 10)])
def test_bits_give_the_number_of_real_weights(bits: int, count: int) -> None:
    encoded = HASHED.of(bits).encode(bell(4, 5))
    assert encoded.weights.size == count
    assert encoded.bits == 32 * (count + 1) == 8 * len(encoded.packed())


def test_a_sixty_fourth_is_half_a_bit() -> None:
    assert HashedWeights(Fraction(1, 64)).encode(bell(16, 16)).weights.size == 4


@given(shapes, seeds, st.integers(1, 9))
def test_every_shape_has_buckets_and_signs(shape: tuple[int, ...], seed: int, count: int) -> None:
    hash = Hash(seed)
    buckets, signs = hash.buckets(shape, count), hash.signs(shape)
    assert buckets.shape == signs.shape == shape
    assert set(np.unique(buckets)) <= set(range(count)) and set(np.unique(signs)) <= {-1, 1}


@given(shapes, seeds)
def test_hashed_weights_are_hashed_to_themselves(shape: tuple[int, ...], seed: int) -> None:
    """V of real weights leads back to them, where they are used at all."""
    hash, count = Hash(seed), real_weights(shape, Fraction(1, 2))
    w = np.arange(1, count + 1, dtype=np.float32)
    again = fitted(Hashed(shape, w, hash).decode(), count, hash)
    used = np.isin(np.arange(count), hash.buckets(shape, count))
    assert np.array_equal(again, np.where(used, w, 0))


@pytest.mark.parametrize(
    ("seed", "key", "word"), [(-1, "uint32", "seed"), (2**32, "uint32", "seed"), (1, "int", "key")]
)
def test_hashes_that_are_none(seed: int, key: str, word: str) -> None:
    with pytest.raises(InvalidInput, match=word):
        Hash(seed, key)


def test_weights_need_a_bucket() -> None:
    with pytest.raises(InvalidInput, match="0 real weights for 6"):
        Hash().buckets((2, 3), 0)


@pytest.mark.parametrize("compression", [Fraction(0), Fraction(2)])
def test_compression_is_a_part(compression: Fraction) -> None:
    with pytest.raises(InvalidInput, match="compression"):
        HashedWeights(compression)
