"""Products of matrices: by tiles, by rows and by columns, in stacks, with B packed, under every instruction set."""

from typing import Any

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

pytest.importorskip("numba")
from qref.kernels import float_product, instructions
from qref.kernels.matrix_product import product
from qref.kernels.tile.float32 import Limits

Array = NDArray[Any]


def whole(shape: tuple[int, ...], seed: int, dtype: Any = np.float32) -> Array:
    """Small whole numbers, whose sums are exact in any order; read-only, as the arrays of decoded tensors are."""
    found = np.random.default_rng(seed).integers(-9, 10, shape).astype(dtype)
    found.flags.writeable = False
    return found


def laid(x: Array, how: str) -> Array:
    """The same numbers elsewhere in memory."""
    if how == "transposed":
        return np.ascontiguousarray(x.T).T
    if how == "apart":
        return np.repeat(np.repeat(x, 3, 0), 2, 1)[::3, ::2]
    if how == "backwards":
        return np.ascontiguousarray(x[::-1, ::-1])[::-1, ::-1]
    if how == "unaligned":
        found = np.frombuffer(b"\0" + x.tobytes(), np.uint8)[1:].view(x.dtype).reshape(x.shape)
        assert found.size == 0 or not found.flags.aligned
        return found
    return x


WAYS = st.sampled_from(["as it is", "transposed", "apart", "backwards", "unaligned"])
LENGTHS = st.one_of(st.integers(0, 9), st.integers(0, 70))


def test_two_matrices_exactly(float_set: str, monkeypatch: pytest.MonkeyPatch) -> None:
    # blocks of B, and its rows and columns, end within the lengths that are drawn
    monkeypatch.setattr(float_product, "DEEP", 24)
    monkeypatch.setattr(float_product, "BLOCK_OF_B", 4 * 24 * 33)

    @settings(max_examples=60)
    @given(M=LENGTHS, K=LENGTHS, N=LENGTHS, ways=st.tuples(WAYS, WAYS), threads=st.sampled_from([1, 1, 3]))
    @example(M=7, K=150, N=50, ways=("as it is", "as it is"), threads=1)
    @example(M=2, K=70, N=2100, ways=("as it is", "as it is"), threads=2)
    @example(M=2100, K=33, N=1, ways=("as it is", "as it is"), threads=2)
    def check(M: int, K: int, N: int, ways: tuple[str, str], threads: int) -> None:
        a, b = whole((M, K), 0), whole((K, N), 1)
        y = product(laid(a, ways[0]), laid(b, ways[1]), threads)
        assert y.dtype == np.float32
        assert np.array_equal(y, a.astype(np.int64) @ b.astype(np.int64))

    check()


def test_fully_connected_exactly(float_set: str) -> None:
    @settings(max_examples=50)
    @given(
        M=st.one_of(st.just(1), LENGTHS), K=st.one_of(st.integers(120, 270), LENGTHS), N=LENGTHS,
        ways=st.tuples(WAYS, WAYS), ends=st.sampled_from([Limits(), Limits(0.0), Limits(0.0, 6.0)]),
        biased=st.booleans(), threads=st.sampled_from([1, 2]),
    )  # fmt: skip
    @example(M=1, K=300, N=200, ways=("as it is", "transposed"), ends=Limits(0.0), biased=True, threads=3)
    def check(M: int, K: int, N: int, ways: tuple[str, str], ends: Limits, biased: bool, threads: int) -> None:
        a, b, bias = whole((M, K), 0), whole((K, N), 1), whole((N,), 2)
        packed = float_product.pack(laid(b, ways[1]), threads)
        assert packed.set == float_set
        found = float_product.multiply(laid(a, ways[0]), packed, threads, bias=bias if biased else None, limits=ends)
        expected = a.astype(np.int64) @ b.astype(np.int64) + (bias.astype(np.int64) if biased else 0)
        assert np.array_equal(found, np.clip(expected, ends.low, ends.high))

    check()


def test_packed_as_it_is_said(float_set: str) -> None:
    b = whole((5, 37), 0)
    k_b = float_product.width(instructions.chosen())
    panels = float_product.pack(b).arrays["w"].reshape(-1, 5, k_b)
    filled = np.zeros((5, len(panels) * k_b), np.float32)
    filled[:, :37] = b
    assert np.array_equal(panels, filled.reshape(5, -1, k_b).transpose(1, 0, 2))


@settings(max_examples=60)
@given(
    leading=st.lists(st.integers(0, 3), max_size=2), ones=st.tuples(st.booleans(), st.booleans()),
    left=st.tuples(st.integers(0, 2), st.integers(0, 2)), lengths=st.tuples(*[st.integers(0, 9)] * 3),
    vectors=st.tuples(st.booleans(), st.booleans()), dtype=st.sampled_from([np.float32, np.int64]),
)  # fmt: skip
def test_stacks_as_numpy_has_them(
    leading: list[int], ones: tuple[bool, bool], left: tuple[int, int], lengths: tuple[int, int, int],
    vectors: tuple[bool, bool], dtype: Any,
) -> None:  # fmt: skip
    M, K, N = lengths
    stacks = [[1] * len(leading) if one else leading for one in ones]
    shapes = [(*stack[skip:], *matrix) for stack, skip, matrix in zip(stacks, left, ((M, K), (K, N)))]
    a, b = (whole((K,) if alone else shape, seed, dtype) for seed, (shape, alone) in enumerate(zip(shapes, vectors)))
    found, expected = product(a, b), np.matmul(a.astype(np.int64), b.astype(np.int64))
    assert found.dtype == dtype
    assert found.shape == expected.shape
    assert np.array_equal(found, expected)


def test_int64_modulo_two_to_the_64() -> None:
    rng = np.random.default_rng(0)
    a, b = (rng.integers(-(2**63), 2**63 - 1, shape) for shape in ((3, 1100), (1100, 1050)))
    with np.errstate(over="ignore"):
        assert np.array_equal(product(a, b), a @ b)


@pytest.mark.parametrize("M", [1, 4, 40])
@pytest.mark.parametrize("turned", [False, True])
def test_sums_are_split(float_set: str, M: int, turned: bool) -> None:
    """Sums of terms of one sign are far better than in one chain."""
    K, rng = 1 << 14, np.random.default_rng(0)
    a, b = rng.random((M, K), np.float32), rng.random((K, 60), np.float32)
    golden = a.astype(np.float64) @ b.astype(np.float64)
    chain = np.add.accumulate(a[0, :, None] * b, axis=0)[-1]

    def error(y: Array, row: int | slice) -> float:
        return float(np.sqrt(np.mean((y - golden[row]) ** 2)))

    for y in (product(a, b.T.copy().T if turned else b), float_product.multiply(a, float_product.pack(b))):
        assert error(y, slice(None)) < error(chain, 0) / 5


def test_infinity_and_nan_stay_in_their_rows_and_columns(float_set: str) -> None:
    for M in (3, 20):
        a, b = np.ones((M, 30), np.float32), np.ones((30, 37), np.float32)
        a[1, 5], b[7, 35] = np.inf, np.nan
        y = product(a, b)
        assert np.isnan(y[:, 35]).all()
        assert np.isposinf(np.delete(y, 35, 1)[1]).all()
        assert (np.delete(np.delete(y, 35, 1), 1, 0) == 30).all()
