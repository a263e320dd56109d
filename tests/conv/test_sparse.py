"""Sparse convolution: compressed rows, stretched columns, and only weights that are not zero taking part."""

import numpy as np
import pytest

from qref.conv import ALGORITHMS, Geometry
from qref.conv.csr import compress
from qref.conv.sparse_direct import seen_from, stretch

PLAIN = Geometry((3, 3), (1, 1), (1, 1), (1, 1), (1, 1))


def test_compressed_rows() -> None:
    found = compress(np.array([[0, 5, 0], [0, 0, 0], [7, 0, 8]]))
    assert found.values.tolist() == [5, 7, 8]
    assert found.columns.tolist() == [1, 0, 2]
    assert found.rows.tolist() == [0, 1, 1, 3]
    assert found.nbytes == 3 * 8 + 3 * 4 + 4 * 4


def test_columns_are_stretched_over_the_padded_image() -> None:
    """w[m, c, r, s] stands at (c·H + r)·W + s, H and W those of the padded image."""
    w = np.ones((1, 2, 3, 3), np.int64)
    H, W = 6, 7
    expected = [(c * H + r) * W + s for c in range(2) for r in range(3) for s in range(3)]
    assert stretch(w, PLAIN, (H, W)).columns.tolist() == expected
    dilated = Geometry((3, 3), (1, 1), (2, 1), (1, 1), (1, 1))
    assert stretch(w, dilated, (H, W)).columns.tolist()[3] == 2 * W


def test_an_image_seen_from_a_place() -> None:
    image = np.arange(2 * 5 * 4)
    strided = Geometry((2, 2), (2, 1), (1, 1), (0, 0), (0, 0))
    seen = seen_from(21, image, strided, (2, 3), (5, 4))  # channel 1, row 0, column 1
    assert seen.tolist() == image.reshape(2, 5, 4)[1, 0:4:2, 1:4].tolist()
    assert np.shares_memory(seen, image)


@pytest.mark.requirement("QREF-CV-009")
@pytest.mark.parametrize("name", ["sparse-direct", "sparse-gemm"])
@pytest.mark.parametrize("share", [0.5, 0.75, 0.9, 1.0])
def test_pruned_weights(name: str, share: float) -> None:
    rng = np.random.default_rng(0)
    x, w = rng.integers(-9, 9, (2, 4, 7, 6)), rng.integers(1, 9, (6, 2, 3, 3))
    w[rng.random(w.shape) < share] = 0
    geometry = Geometry((3, 3), (2, 1), (1, 2), (1, 2), (0, 3), 2)
    assert (ALGORITHMS[name].convolve(x, w, geometry) == ALGORITHMS["direct"].convolve(x, w, geometry)).all()


@pytest.mark.parametrize("name", ["sparse-direct", "sparse-gemm"])
def test_a_zero_weight_does_not_meet_infinity(name: str) -> None:
    x, w = np.full((1, 1, 3, 3), np.inf, np.float32), np.zeros((1, 1, 3, 3), np.float32)
    w[0, 0, 1, 1] = 2
    assert np.isposinf(ALGORITHMS[name].convolve(x, w, Geometry((3, 3), (1, 1), (1, 1), (0, 0), (0, 0)))).all()
