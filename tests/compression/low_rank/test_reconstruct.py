"""Weights from factors, held against sums of fractions."""

from fractions import Fraction

import numpy as np
import pytest

from qref.compression.low_rank import RECONSTRUCT
from qref.numerics.floats import float_format, nearest

FLOAT32 = float_format("float32")


def drawn(*shapes: tuple[int, ...]) -> list[np.ndarray]:
    rng = np.random.default_rng(7)
    return [rng.standard_normal(shape).astype(np.float32) for shape in shapes]


def rounded(terms: list[Fraction]) -> float:
    return float(nearest(sum(terms, Fraction(0)), FLOAT32))


@pytest.mark.requirement("QREF-LR-013")
def test_a_weight_is_the_exact_sum_of_products_rounded_once() -> None:
    B, A = drawn((3, 5), (4, 3))
    W = RECONSTRUCT["svd"](B, A)
    for m, k in np.ndindex(4, 5):
        assert W[m, k] == rounded([Fraction(float(A[m, r])) * Fraction(float(B[r, k])) for r in range(3)])


@pytest.mark.requirement("QREF-LR-013")
def test_a_kernel_of_columns_and_rows_too() -> None:
    vertical, horizontal = drawn((2, 3, 3, 1), (4, 2, 1, 3))  # R×C×k×1, M×R×1×k
    W = RECONSTRUCT["spatial"](vertical, horizontal).reshape(4, 3, 3, 3)
    for m, c, i, j in np.ndindex(4, 3, 3, 3):
        pairs = ((horizontal[m, r, 0, j], vertical[r, c, i, 0]) for r in range(2))
        assert W[m, c, i, j] == rounded([Fraction(float(h)) * Fraction(float(v)) for h, v in pairs])
