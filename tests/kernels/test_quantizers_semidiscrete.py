"""Fast semidiscrete decomposition and factorized layer against the reference."""

import numpy as np
import pytest

pytest.importorskip("numba")
from qref.conv.geometry import Geometry
from qref.kernels.quantizers import encode, semidiscrete
from qref.quantizers.factorized_layer import convolution
from qref.quantizers.semidiscrete import FixedPointFactorized, margin


@pytest.mark.parametrize(("terms", "epochs"), [(1, 1), (0, 1), (3, 3)])
@pytest.mark.parametrize("shape", [(4, 6), (8, 8), (6, 27), (1, 9), (9, 1), (5,), (), (3, 0), (0, 3), (12, 3, 3, 3)])
def test_codes_are_the_references(shape: tuple[int, ...], terms: int, epochs: int) -> None:
    random = np.random.default_rng(5)
    for _ in range(5):
        W = random.standard_normal(shape).astype(np.float32)
        scheme = FixedPointFactorized(terms, epochs)
        if margin(W, terms, epochs) < 2.0**-30:
            continue  # beyond the rank there is nothing left but the rounding of D
        fast, slow = encode(scheme, W), scheme.encode(W)
        assert np.array_equal(fast.X, slow.X)
        assert np.array_equal(fast.Y, slow.Y)
        assert fast.shape == slow.shape
        assert pytest.approx(slow.D, rel=1e-6) == fast.D


def test_weights_are_left_as_they_are() -> None:
    for shape in ((1, 5), (5, 1), (4, 4)):
        W = np.random.default_rng(2).standard_normal(shape).astype(np.float32)
        before = W.copy()
        encode(FixedPointFactorized(), W)
        assert np.array_equal(W, before)


def test_ties_and_residuals_of_zero() -> None:
    for W in ([[3, 1, 1, 1]], [[1, -1], [1, -1]], [[0, 2, -2], [0, 4, -4]], [[0, 0], [0, 0]], [[4, 4, 0], [0, 0, 1]]):
        scheme, w = FixedPointFactorized(2, 2), np.array(W, np.float32)
        fast, slow = encode(scheme, w), scheme.encode(w)
        for name in ("X", "D", "Y"):
            assert np.array_equal(getattr(fast, name), getattr(slow, name)), (W, name)


@pytest.mark.parametrize("bias", [False, True])
def test_the_layer_is_the_references(bias: bool) -> None:
    random = np.random.default_rng(6)
    x = random.standard_normal((2, 3, 6, 7)).astype(np.float32)
    layer = FixedPointFactorized().encode(random.standard_normal((5, 3, 3, 2)).astype(np.float32))
    lie = Geometry((3, 2), (2, 1), (1, 2), (1, 0), (0, 1))
    B = random.standard_normal(5).astype(np.float32) if bias else None
    fast, slow = semidiscrete.convolution(layer, x, lie, B), convolution(layer, x, lie, B)
    assert fast == pytest.approx(slow, rel=1e-4, abs=1e-5)
