"""Error correction in float64: the reference's codes and codewords where no decision is near."""

from math import prod

import numpy as np
import pytest

pytest.importorskip("numba")
from qref.codebooks.error_corrected import ErrorCorrected, corrected
from qref.kernels.codebooks import error_corrected as fast
from qref.kernels.quantizers import encode
from qref.numerics.philox import Stream


@pytest.mark.requirement("QREF-LU-006")
@pytest.mark.requirement("QREF-LU-007")
@pytest.mark.parametrize("ridge", [0.0, 0.25])
@pytest.mark.parametrize(
    ("shape", "groups", "d"),
    [((8, 6), 1, 4), ((6, 4, 2, 2), 1, 3), ((6, 3, 2, 1), 2, 2), ((4, 1, 3), 4, 4), ((5,), 1, 2)],
)
def test_codes_and_codewords_are_the_references(shape: tuple[int, ...], groups: int, d: int, ridge: float) -> None:
    rng = np.random.default_rng(7)
    W = rng.standard_normal(shape).astype(np.float32)
    X = rng.standard_normal((groups, 20, prod(shape[1:]))).astype(np.float32)
    X[:, :, 0] = 0  # an input that says nothing
    scheme = ErrorCorrected(2, d, sweeps=3, ridge=ridge)
    start = scheme.start(W).encode(W, stream=Stream(3))
    wanted = corrected(start, W, X, 3, ridge)
    found = encode(scheme, W, inputs=X, stream=Stream(3))
    assert np.array_equal(found.codes, wanted.codes)  # type: ignore[attr-defined]
    np.testing.assert_allclose(found.codebooks, wanted.codebooks, rtol=1e-5)  # type: ignore[attr-defined]


def test_an_empty_layer_is_its_start() -> None:
    for shape in ((0, 2), (2, 0)):
        W, X = np.zeros(shape, np.float32), np.ones((3, shape[1]), np.float32)
        assert fast.encode(ErrorCorrected(1, 2), W, inputs=X, stream=Stream(0)).codes.size == 0
