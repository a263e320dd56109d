"""sigmoid, tanh and softmax against mpmath, which shares no code with decimal."""

import math
from fractions import Fraction

import mpmath
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from qref.numerics.floats import float_format, nearest
from qref.numerics.transcendental import sigmoid, softmax, tanh

DTYPES = ("float32", "float16", "bfloat16")
single = st.floats(width=32, allow_nan=False)


def rounded(value: mpmath.mpf, dtype: str) -> float:
    """An mpmath number rounded once, through its exact fraction."""
    sign, mantissa, exponent, _ = value._mpf_
    return nearest((-1) ** sign * mantissa * Fraction(2) ** exponent, float_format(dtype))


@pytest.mark.requirement("QREF-FE-020")
@pytest.mark.parametrize("dtype", DTYPES)
@given(x=single)
def test_sigmoid_is_correctly_rounded(dtype: str, x: float) -> None:
    with mpmath.workprec(400):
        assert sigmoid(x, float_format(dtype)) == rounded(1 / (1 + mpmath.exp(-mpmath.mpf(max(x, -2000.0)))), dtype)


@pytest.mark.requirement("QREF-FE-021")
@pytest.mark.parametrize("dtype", DTYPES)
@given(x=single)
def test_tanh_is_correctly_rounded(dtype: str, x: float) -> None:
    with mpmath.workprec(400):
        assert tanh(x, float_format(dtype)) == rounded(mpmath.tanh(mpmath.mpf(x)), dtype)


@pytest.mark.requirement("QREF-FE-025")
@pytest.mark.parametrize("dtype", DTYPES)
@given(row=st.lists(single.filter(math.isfinite), min_size=1, max_size=6))
def test_softmax_is_correctly_rounded(dtype: str, row: list[float]) -> None:
    with mpmath.workprec(400):
        powers = [mpmath.exp(max(mpmath.mpf(v) - mpmath.mpf(max(row)), mpmath.mpf(-2000))) for v in row]
        expected = [rounded(power / sum(powers), dtype) for power in powers]
    assert softmax(row, float_format(dtype)) == expected


def test_results_next_to_ties_fall_on_their_side() -> None:
    """For each of many ties of float16, the neighbouring arguments whose sigmoids lie on either side of it."""
    half, fine = float_format("float16"), float_format("float32")
    for k in range(1025, 1200, 7):
        tie = Fraction(2 * k + 1, 4096)
        exact_tie = mpmath.mpf(float(tie))
        crossing = float(mpmath.log(exact_tie / (1 - exact_tie)))
        x = np.float32(crossing)
        for neighbour in (np.nextafter(x, np.float32(-9)), x, np.nextafter(x, np.float32(9))):
            with mpmath.workprec(300):
                above = 1 / (1 + mpmath.exp(-mpmath.mpf(float(neighbour)))) > exact_tie
            assert (sigmoid(float(neighbour), half) > tie) == above
        assert sigmoid(float(x), fine) == pytest.approx(float(tie), rel=1e-6)


def test_the_ends() -> None:
    f = float_format("float32")
    assert (sigmoid(math.inf, f), sigmoid(-math.inf, f), sigmoid(3e38, f), sigmoid(-3e38, f)) == (1, 0, 1, 0)
    assert sigmoid(-103.0, f) == 2.0**-149, "the smallest subnormal number: e^(-103) is 1.3 of it"
    assert (tanh(math.inf, f), tanh(-math.inf, f), tanh(2.0**-149, f)) == (1, -1, 2.0**-149)
    assert math.copysign(1, tanh(-0.0, f)) == -1
    assert math.isnan(sigmoid(math.nan, f)) and math.isnan(tanh(math.nan, f))


@pytest.mark.requirement("QREF-FE-026")
def test_softmax_of_infinities_and_nan() -> None:
    f = float_format("float32")
    assert softmax([-math.inf, 0.0, 0.0], f) == [0.0, 0.5, 0.5]
    for row in ([-math.inf, -math.inf], [1.0, math.nan], [math.nan, 1.0], [1.0, math.inf]):
        assert all(math.isnan(y) for y in softmax(row, f))
    assert softmax([], f) == []
