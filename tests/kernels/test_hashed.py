"""Hashed weights by compiled loops: hashes bit for bit, sums within the reference's bounds."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

pytest.importorskip("numba")

from qref import kernels, ops
from qref.codebooks.hashed import Hash, Hashed, HashedWeights
from qref.kernels.codebooks.hashed import decode, encode, hashes, modulo
from qref.kernels.quantizers import SCHEMES
from qref.numerics.tensor import Tensor
from qref.numerics.xxhash32 import of_pairs
from qref.ops.request import Request

seeds = st.integers(0, 2**32 - 1)
words = st.integers(0, 2**32 - 1)


def drawn(seed: int, *shape: int) -> np.ndarray:
    return np.random.default_rng(seed).standard_normal(shape).astype(np.float32)


@given(words, seeds, st.integers(0, 2**32 - 40), st.integers(0, 33))
def test_hashes_of_a_row_are_the_references(i: int, seed: int, first: int, length: int) -> None:
    found = np.empty(length, np.uint32)
    hashes(np.uint32(i), np.uint32(seed), first, found)
    j = np.arange(first, first + length, dtype=np.uint64)
    assert np.array_equal(found, of_pairs(np.array([i], np.uint64), j, seed))


@given(st.lists(words, min_size=1, max_size=20), st.integers(1, 2**31 - 1))
def test_a_remainder_without_a_division_is_exact(h: list[int], count: int) -> None:
    found = np.empty(len(h), np.uint32)
    modulo(np.array(h, np.uint32), count, found)
    assert found.tolist() == [one % count for one in h]


@given(seeds, st.integers(1, 2**31 - 1), st.integers(0, 2**20))
def test_a_remainder_beside_a_multiple_is_exact(seed: int, count: int, quotient: int) -> None:
    near = [x for x in (quotient * count + d for d in (-1, 0, 1)) if 0 <= x < 2**32] or [seed]
    found = np.empty(len(near), np.uint32)
    modulo(np.array(near, np.uint32), count, found)
    assert found.tolist() == [one % count for one in near]


@given(st.sampled_from([(3, 5), (1, 1030), (2, 3, 2), (4,), ()]), seeds, st.sampled_from(["uint32", "decimal"]))
def test_decoded_weights_have_the_references_bits(shape: tuple[int, ...], seed: int, key: str) -> None:
    encoded = Hashed(shape, drawn(seed, 7), Hash(seed, key))
    assert decode(encoded).tobytes() == encoded.decode().tobytes()


@pytest.mark.parametrize("shape", [(0, 3), (2, 0)])
def test_no_weights_are_decoded_to_none(shape: tuple[int, ...]) -> None:
    assert decode(Hashed(shape, np.zeros(0, np.float32))).shape == shape


@given(st.sampled_from([(3, 5), (2, 1030), (2, 3, 2), (4,), (), (0, 2)]), seeds)
def test_encoded_weights_lie_within_the_bound(shape: tuple[int, ...], seed: int) -> None:
    W, scheme = drawn(seed, *shape), HashedWeights(Fraction(1, 4), Hash(seed))
    fast, exact = encode(scheme, W).weights, scheme.encode(W).weights
    np.testing.assert_allclose(fast, exact, rtol=1e-6, atol=1e-6)


@pytest.mark.requirement("QREF-HN-006", "QREF-HN-007")
@pytest.mark.parametrize("key", ["uint32", "decimal"])
@pytest.mark.parametrize(
    ("op", "shapes", "given"),
    [
        ("HashedGemm", ((3, 1100), (50,)), {"outputs": 4}),
        ("HashedBackward", ((2, 1100), (50,), (2, 3)), {}),
        ("HashedStep", ((50,), (3, 1100)), {"learning_rate": 0.5}),
        ("HashedEncode", ((3, 1100),), {"bits": 1}),
    ],
)
def test_operators_stay_within_their_bounds(
    op: str, shapes: tuple[tuple[int, ...], ...], given: dict[str, object], key: str
) -> None:
    inputs = tuple(Tensor("float32", drawn(i, *shape)) for i, shape in enumerate(shapes))
    request = Request(op, "qref", 1, {**given, "key": key}, inputs, 2 if op == "HashedBackward" else 1)
    bounds = ops.bounds(request)
    assert bounds is not None
    for fast, exact, bound in zip(kernels.run(request), ops.run(request), bounds, strict=True):
        assert (np.abs(fast.data.astype(np.float64) - exact.data) <= bound.tolerance).all()


def test_the_table_of_schemes_has_hashed_weights() -> None:
    assert SCHEMES["qref.codebooks.hashed.HashedWeights"] is encode
