"""The seed's own convolution: a 5×5 image and a 3×3 kernel, "Image" and "Convolved Feature"."""

from dataclasses import replace

import numpy as np
import pytest

from qref.conv import ALGORITHMS, Geometry, Shapes
from qref.conv.algorithm import Algorithm

IMAGE = [
    [1, 1, 1, 0, 0],
    [0, 1, 1, 1, 0],
    [0, 0, 1, 1, 1],
    [0, 0, 1, 1, 0],
    [0, 1, 1, 0, 0],
]
KERNEL = [[1, 0, 1], [0, 1, 0], [1, 0, 1]]
FEATURE = [[4, 3, 4], [2, 4, 3], [2, 3, 4]]
"""The slide shows the first; the window of ones and zeros on it gives the others."""

PLAIN = Geometry((3, 3), (1, 1), (1, 1), (0, 0), (0, 0))
OTHERS = ("winograd-2x2-5x5",)
"""Not for 3×3 kernels."""
BYTES = ("int8", "planes", "powers")
"""Operands that come as bytes."""
each = pytest.mark.parametrize(
    "algorithm", [one for name, one in ALGORITHMS.items() if name not in OTHERS], ids=lambda one: one.name
)


@pytest.mark.requirement("QREF-CV-001")
@each
def test_the_seeds_example(algorithm: Algorithm) -> None:
    x, w = np.array([[IMAGE]], np.int64), np.array([[KERNEL]], np.int64)
    if algorithm.operands == "signs":  # bits 0 and 1 as −1 and +1: Σ(2a − 1)(2b − 1) = 4Σab − 2Σa − 2Σb + n
        y = algorithm.convolve(2 * x - 1, 2 * w - 1, PLAIN)
        sums = ALGORITHMS["direct"].convolve(x, np.ones_like(w), PLAIN)
        assert ((y + 2 * sums + 2 * w.sum() - w.size) // 4).tolist() == [[FEATURE]]
        return
    if algorithm.operands in BYTES:
        x, w = x.astype(np.int8), w.astype(np.int8)
    assert algorithm.applies(Shapes(x.shape, w.shape, PLAIN)) == ""
    assert algorithm.convolve(x, w, PLAIN).tolist() == [[FEATURE]]


@pytest.mark.requirement("QREF-CV-001")
@each
def test_the_kernel_is_not_flipped(algorithm: Algorithm) -> None:
    x, w = np.zeros((1, 1, 5, 5), np.int8), np.zeros((1, 1, 3, 3), np.int8)
    x[0, 0, 2, 2] = 1
    w[0, 0] = np.arange(9).reshape(3, 3)
    if algorithm.operands == "signs":
        x, w = 2 * x - 1, np.where(w % 5 < 2, 1, -1)
    if algorithm.operands == "powers":
        w[0, 0] = [[1, 2, 4], [-8, 16, 32], [64, -1, 0]]
    padded = replace(PLAIN, pads_begin=(1, 1), pads_end=(1, 1))
    wide = [operand.astype(np.int64) for operand in (x, w)]
    y = algorithm.convolve(*((x, w) if algorithm.operands in BYTES else wide), padded)
    assert y.tolist() == ALGORITHMS["direct"].convolve(*wide, padded).tolist()
    if algorithm.operands != "signs":
        assert y[0, 0, 1:4, 1:4].tolist() == w[0, 0, ::-1, ::-1].tolist()
