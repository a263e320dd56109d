"""Five methods: what a person wants to see, and what always holds."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qref.compression.low_rank import DECOMPOSE, RECONSTRUCT, cp
from qref.compression.low_rank.arithmetic import exact, precisely, svd
from qref.kernels.compression.low_rank import FLOAT64

SHAPES = {"svd": (5, 7), "channel": (5, 3, 3, 2), "spatial": (4, 3, 3, 2), "tucker2": (5, 4, 3, 1), "cp": (4, 3, 3, 2)}
seeds = st.integers(0, 2**32 - 1)


def drawn(seed: int, shape: tuple[int, ...]) -> np.ndarray:
    return np.random.default_rng(seed).standard_normal(shape).astype(np.float32)


def distance(W: np.ndarray, V: np.ndarray) -> float:
    return float(np.linalg.norm(W.astype(np.float64) - V))


@pytest.mark.requirement("QREF-LR-001", "QREF-LR-002")
@given(seeds, st.integers(1, 6), st.integers(1, 6))
def test_the_decomposition_gives_the_matrix_back_to_80_digits(seed: int, m: int, n: int) -> None:
    with precisely():
        A = exact(drawn(seed, (m, n)))
        U, s, Vt = svd(A)
        assert np.abs((U * s) @ Vt - A).max() < 10**-80
        for vectors in (U.T, Vt):
            assert np.abs(vectors @ vectors.T - np.eye(len(s), dtype=int)).max() < 10**-80
        assert all(a >= b for a, b in pairwise(s))
        assert all(u[np.argmax(np.abs(u))] > 0 for u in U.T)


@pytest.mark.requirement("QREF-LR-003", "QREF-LR-004", "QREF-LR-005", "QREF-LR-015")
@pytest.mark.parametrize("method", ["svd", "channel", "spatial"])
@given(seeds)
def test_no_other_matrix_of_the_rank_is_nearer(method: str, seed: int) -> None:
    W, rng = drawn(seed, SHAPES[method]), np.random.default_rng(seed)
    factors = DECOMPOSE[method](W, 2)
    best = distance(W, RECONSTRUCT[method](*factors.tensors))
    for size in (1e-2, 1.0):
        other = [F + size * rng.standard_normal(F.shape).astype(np.float32) for F in factors.tensors]
        assert distance(W, RECONSTRUCT[method](*other)) >= best * (1 - 1e-6)


@pytest.mark.parametrize("method", ["svd", "channel", "spatial"])
def test_wherever_sigma_goes_the_product_is_the_same(method: str) -> None:
    W = drawn(1, SHAPES[method])
    found = [RECONSTRUCT[method](*DECOMPOSE[method](W, 3, sigma).tensors) for sigma in ("first", "last", "even")]
    for V in found[1:]:
        assert np.allclose(V, found[0], atol=1e-6)


def test_full_rank_gives_the_weights_back() -> None:
    for method, ranks in (("svd", (5,)), ("channel", (5,)), ("spatial", (8,)), ("tucker2", (4, 5))):
        W = drawn(2, SHAPES[method])
        assert np.allclose(RECONSTRUCT[method](*DECOMPOSE[method](W, *ranks).tensors), W, atol=1e-6)


def test_a_separable_kernel_is_one_column_times_one_row() -> None:
    sobel = np.outer([1, 2, 1], [1, 0, -1]).astype(np.float32).reshape(1, 1, 3, 3)
    vertical, horizontal = DECOMPOSE["spatial"](sobel, 1, "last").tensors
    assert vertical.shape == (1, 1, 3, 1) and horizontal.shape == (1, 1, 1, 3)
    assert np.allclose(vertical.ravel() * 6**0.5, [1, 2, 1]) and np.allclose(
        horizontal.ravel(), 6**0.5 * np.array([1, 0, -1])
    )
    assert np.array_equal(np.round(RECONSTRUCT["spatial"](vertical, horizontal)), sobel)


@pytest.mark.requirement("QREF-LR-006", "QREF-LR-007")
@settings(max_examples=10)
@given(seeds)
def test_sweeps_make_tuckers_error_no_larger(seed: int) -> None:
    W = drawn(seed, SHAPES["tucker2"])
    errors = [
        distance(W, RECONSTRUCT["tucker2"](*DECOMPOSE["tucker2"](W, 2, 3, sweeps).tensors)) for sweeps in (0, 1, 3)
    ]
    assert errors[0] * (1 + 1e-6) >= errors[1] and errors[1] * (1 + 1e-6) >= errors[2]


@pytest.mark.requirement("QREF-LR-008", "QREF-LR-009")
@given(seeds)
def test_sweeps_make_cps_error_no_larger(seed: int) -> None:
    W = drawn(seed, SHAPES["cp"])
    every = [DECOMPOSE["cp"](W, 2, sweeps, seed) for sweeps in (1, 2, 6)]
    errors = [distance(W, RECONSTRUCT["cp"](*factors.tensors)) for factors in every]
    assert errors[0] * (1 + 1e-5) >= errors[1] and errors[1] * (1 + 1e-5) >= errors[2]
    for factor in every[0].tensors[:-1]:
        assert np.allclose(np.linalg.norm(factor.reshape(len(factor), -1), axis=1), 1, atol=1e-6)


def test_cp_finds_one_product_in_one_sweep() -> None:
    W = np.einsum("a,b,c,d->abcd", [1, -2, 0.5], [4, 1], [1, 3, -1], [2, 1, 0]).astype(np.float32)
    I, Y, X, O = DECOMPOSE["cp"](W, 1, 1).tensors
    assert np.allclose(I.ravel() * 17**0.5, [4, 1]) and np.allclose(Y.ravel() * 11**0.5, [1, 3, -1])
    assert np.allclose(O.ravel(), np.array([1, -2, 0.5]) * (17 * 11 * 5) ** 0.5)
    assert np.allclose(cp.reconstruct(I, Y, X, O), W, atol=1e-5)


def test_more_terms_than_the_kernel_has_end_in_zeros_or_fit() -> None:
    W = drawn(3, (2, 1, 1, 1))
    factors = DECOMPOSE["cp"](W, 3, 2)
    assert np.allclose(RECONSTRUCT["cp"](*factors.tensors), W, atol=1e-6)


@pytest.mark.parametrize("method", ["svd", "channel", "spatial", "tucker2", "cp"])
def test_zeros_become_zeros(method: str) -> None:
    W = np.zeros(SHAPES[method], np.float32)
    factors = DECOMPOSE[method](W, *((2, 2) if method == "tucker2" else (2,)))
    assert not any(factor.any() for factor in factors.tensors)
    assert not RECONSTRUCT[method](*factors.tensors).any()


@pytest.mark.parametrize("method", ["svd", "channel", "spatial", "tucker2", "cp"])
@given(seeds, st.integers(-60, 60))
def test_float64_gives_the_same_factors(method: str, seed: int, exponent: int) -> None:
    W = np.ldexp(drawn(seed, SHAPES[method]), exponent)
    ranks = (2, 3) if method == "tucker2" else (2,)
    more = {"sweeps": 1} if method == "cp" else {}
    golden = DECOMPOSE[method](W, *ranks, **more)
    fast = DECOMPOSE[method](W, *ranks, **more, arithmetic=FLOAT64)
    for a, b in zip(golden.tensors, fast.tensors, strict=True):
        assert a.shape == b.shape and np.abs(a - b).max() <= 1e-5 * np.abs(a).max()
