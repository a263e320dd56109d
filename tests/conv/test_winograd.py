"""Winograd's transforms as exact rationals, what they save, and how their error grows."""

from fractions import Fraction
from itertools import product

import numpy as np
import pytest

from qref.conv import ALGORITHMS, Geometry, winograd
from qref.conv.error_growth import error_growth
from qref.errors import Unsupported

FS = {"F(2, 3)": winograd.F2, "F(4, 3)": winograd.F4, "F(2, 5)": winograd.F2_5, "F(1, 1)": winograd.F1}
TAPS = {"winograd-2x2": 3, "winograd-4x4": 3, "winograd-2x2-5x5": 5}


def plain(r: int) -> Geometry:
    """r taps, padding 1."""
    return Geometry((r, r), (1, 1), (1, 1), (1, 1), (1, 1))


PLAIN = plain(3)


@pytest.mark.requirement("QREF-CV-007")
@pytest.mark.parametrize("F", FS.values(), ids=FS)
def test_the_matrices_give_the_definition(F: winograd.Transforms) -> None:
    """Σ_i A_T[j, i] G[i, r] B_T[i, d] is 1 where d = j + r and 0 elsewhere: each output is its r products."""
    for j, r, d in product(range(F.m), range(F.r), range(F.alpha)):
        found = sum(F.A_T[j][i] * F.G[i][r] * F.B_T[i][d] for i in range(F.alpha))
        assert found == Fraction(int(d == j + r))


@pytest.mark.parametrize(
    ("F", "interval", "denominator"), [(winograd.F2, 4, 2), (winograd.F4, 6, 24), (winograd.F2_5, 6, 24)]
)
def test_sizes(F: winograd.Transforms, interval: int, denominator: int) -> None:
    assert (F.alpha, F.denominator) == (interval, denominator)
    assert np.shape(F.B_T) == (interval, interval) and np.shape(F.G) == (interval, F.r)
    assert np.shape(F.A_T) == (F.m, interval)


def test_operations_of_the_transforms() -> None:
    """Lavin and Gray, sections 4.1 and 4.2, count 32 additions for BᵀdB and 24 for AᵀmA of F(2×2, 3×3).

    A row of two terms is one addition to them and two here, where the first term counts: 32 and 12 more.
    """
    assert winograd.applied(winograd.F2.B_T, 2) == (0, 64)
    assert winograd.applied(winograd.F2.A_T, 2) == (0, 36)
    assert winograd.applied(winograd.F4.B_T, 1)[0] == 12


@pytest.mark.parametrize(("name", "r"), TAPS.items())
def test_large_integers_are_exact(name: str, r: int) -> None:
    x = np.full((1, 3, 9, 7), -(2**15), np.int64)
    w, geometry = np.full((2, 3, r, r), 2**15 - 1, np.int64), plain(r)
    assert (ALGORITHMS[name].convolve(x, w, geometry) == ALGORITHMS["direct"].convolve(x, w, geometry)).all()


def test_transforms_are_in_the_operands_arithmetic() -> None:
    x, w = np.ones((1, 1, 4, 4), np.float32), np.ones((1, 1, 3, 3), np.float32)
    assert ALGORITHMS["winograd-4x4"].convolve(x, w, PLAIN).dtype == np.float32


def test_errors_grow_with_the_tile() -> None:
    """In units of u·Σ|x||w|: larger tiles lose digits, and more channels average the loss out."""
    names = ("direct", *TAPS, "fft")
    growth = {name: error_growth(ALGORITHMS[name], (4, 64)) for name in names}
    for few, many in growth.values():
        assert few.largest <= few.bound and many.largest <= many.bound
    for i in range(2):
        assert growth["winograd-4x4"][i].typical > 2 * growth["winograd-2x2"][i].typical
        assert growth["winograd-2x2-5x5"][i].typical > 2 * growth["winograd-2x2"][i].typical
    for name in ("winograd-4x4", "winograd-2x2-5x5"):
        assert growth[name][1].typical < growth[name][0].typical
    assert growth["direct"][1].bound == pytest.approx(64 * 9 + 1)


@pytest.mark.parametrize(("name", "r"), [*TAPS.items(), ("fft", 3)])
@pytest.mark.parametrize("dtype", [np.int8, np.int16, np.int32])
def test_integers_wrap_as_the_definition_does(name: str, r: int, dtype: type) -> None:
    rng = np.random.default_rng(11)
    low, high = np.iinfo(dtype).min, min(np.iinfo(dtype).max, 2**20)
    x, w = rng.integers(max(low, -high), high, (1, 3, 7, 6), dtype), rng.integers(-100, 100, (2, 3, r, r), dtype)
    w = w * dtype(min(high // 100, 100))
    y, expected = (ALGORITHMS[one].convolve(x, w, plain(r)) for one in (name, "direct"))
    assert y.dtype == expected.dtype == dtype
    assert y.tolist() == expected.tolist()


@pytest.mark.parametrize(("name", "r"), TAPS.items())
def test_integers_that_may_leave_int64_are_refused(name: str, r: int) -> None:
    x, w = np.full((1, 1, 4, 4), 2**31), np.full((1, 1, r, r), 2**31)
    with pytest.raises(Unsupported, match="exact below 2"):
        ALGORITHMS[name].convolve(x, w, plain(r))
