"""Fast BWNH against the reference."""

import numpy as np
import pytest

pytest.importorskip("numba")
from qref.errors import InvalidInput
from qref.kernels.quantizers import encode, inner_product_hashing
from qref.quantizers.inner_product_hashing import InnerProductHashing, margin


@pytest.mark.parametrize(("shape", "samples"), [((4, 6), 9), ((3, 3, 2, 2), 40), ((2, 1), 3), ((5,), 2), ((1, 20), 8)])
@pytest.mark.parametrize("rectified", [False, True])
def test_signs_are_the_references(shape: tuple[int, ...], samples: int, rectified: bool) -> None:
    random = np.random.default_rng(8)
    W = random.standard_normal(shape).astype(np.float32)
    X = random.standard_normal((samples, int(np.prod(shape[1:])))).astype(np.float32)
    X = np.maximum(X, 0) if rectified else X
    fast, slow = encode(InnerProductHashing(), W, inputs=X), InnerProductHashing().encode(W, inputs=X)
    assert margin(W, X) > 2.0**-30
    assert np.array_equal(fast.codes, slow.codes)
    assert fast.scales == pytest.approx(slow.scales, rel=1e-6)


@pytest.mark.parametrize("samples", [0, 1, 7, 40])
def test_inputs_in_place_of_a_gram_matrix_that_is_too_large(samples: int, monkeypatch: pytest.MonkeyPatch) -> None:
    random = np.random.default_rng(9)
    W = random.standard_normal((4, 12)).astype(np.float32)
    X = np.maximum(random.standard_normal((samples, 12)), 0).astype(np.float32)
    whole = encode(InnerProductHashing(), W, inputs=X)
    monkeypatch.setattr(inner_product_hashing, "LARGEST", 11)
    fast = encode(InnerProductHashing(), W, inputs=X)
    assert np.array_equal(fast.codes, whole.codes)
    assert fast.scales == pytest.approx(whole.scales, rel=1e-6)


def test_inputs_that_say_nothing_and_none_at_all() -> None:
    W = np.array([[1, -3, 2], [-1, 0, 6]], np.float32)
    for X in (np.zeros((2, 3), np.float32), np.zeros((0, 3), np.float32)):
        fast, slow = encode(InnerProductHashing(), W, inputs=X), InnerProductHashing().encode(W, inputs=X)
        assert np.array_equal(fast.codes, slow.codes)
        assert np.array_equal(fast.scales, slow.scales)
    with pytest.raises(InvalidInput, match="inputs are missing"):
        encode(InnerProductHashing(), W)
    with pytest.raises(InvalidInput, match="inputs have shape"):
        encode(InnerProductHashing(), W, inputs=np.zeros((2, 4), np.float32))
