"""Half-wave Gaussian quantization: intervals, optimal levels, slopes."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.integrate import quad

from qref.errors import InvalidInput
from qref.numerics.tensor import tensor
from qref.ops.qref.hwgq import half_wave_quantize_margin
from qref.quantizers.hwgq import (
    APPROXIMATIONS,
    PUBLISHED_LEVELS,
    PUBLISHED_STEP,
    HalfWaveGaussian,
    derivative,
    optimal_levels,
    optimal_uniform,
    thresholds,
)

QUARTERS = HalfWaveGaussian((0.25, 0.5, 0.75))
LEVELS = st.lists(st.floats(2.0**-10, 8, width=32), min_size=1, max_size=6, unique=True).map(
    lambda q: HalfWaveGaussian(tuple(sorted(q)))
)
NUMBER = st.floats(-10, 10, width=32)


def array(*values: float) -> np.ndarray:
    return np.array(values, np.float32)


@pytest.mark.requirement("QREF-LB-010", "QREF-LB-011")
def test_intervals_close_on_the_right() -> None:
    x = array(-1, -0.0, 0, 2.0**-149, 0.25, 0.375, 0.37500003, 0.625, 0.7, 100)
    assert QUARTERS.quantize(x).tolist() == [0, 0, 0, 1, 1, 1, 2, 2, 3, 3]
    assert QUARTERS.dequantize(QUARTERS.quantize(x)).tolist()[-2:] == [0.75, 0.75]
    assert thresholds(QUARTERS.levels) == [0, Fraction(3, 8), Fraction(5, 8)]


@pytest.mark.requirement("QREF-LB-010")
@given(LEVELS, NUMBER)
def test_a_positive_number_goes_to_the_nearest_level(grid: HalfWaveGaussian, x: float) -> None:
    code = int(grid.quantize(array(x))[0])
    if x <= 0:
        assert code == 0
        return
    distances = [abs(Fraction(x) - Fraction(q)) for q in grid.levels]
    assert code == 1 + distances.index(min(distances))


@given(LEVELS, NUMBER)
def test_levels_stay_where_they_are(grid: HalfWaveGaussian, x: float) -> None:
    codes = grid.quantize(array(x))
    assert np.array_equal(grid.quantize(grid.dequantize(codes)), codes)


@pytest.mark.requirement("QREF-LB-010")
@pytest.mark.parametrize("levels", [(), (0.0, 1.0), (1.0, 1.0), (2.0, 1.0), (-1.0,), (np.inf,), (np.nan, 1.0)])
def test_levels_that_are_none_are_refused(levels: tuple[float, ...]) -> None:
    with pytest.raises(InvalidInput, match="levels"):
        HalfWaveGaussian(levels)


def mse(q: np.ndarray) -> float:
    """E (Q(x) − x)² for a normal x that is positive, by numerical integration."""
    t = [0.0, *((q[1:] + q[:-1]) / 2), 12.0]
    pieces = (
        quad(lambda x, level=level: (x - level) ** 2 * np.exp(-x * x / 2), a, b, epsabs=1e-13)[0]
        for level, a, b in zip(q, t[:-1], t[1:])
    )
    return float(sum(pieces) * 2 / np.sqrt(2 * np.pi))


@pytest.mark.requirement("QREF-LB-012")
def test_the_published_levels_are_the_optimal_ones() -> None:
    """0.538 is 0.53881 cut, not rounded; one level is the mean √(2/π) of the half-normal distribution."""
    assert 0 < optimal_uniform(3)[0] - PUBLISHED_STEP < 1e-3
    assert np.allclose(optimal_levels(2), PUBLISHED_LEVELS, atol=5e-4)
    assert abs(optimal_uniform(1)[0] - np.sqrt(2 / np.pi)) < 1e-12


@pytest.mark.requirement("QREF-LB-012")
@pytest.mark.parametrize("bits", [1, 2, 3, 4])
def test_levels_beside_the_optimal_ones_are_worse(bits: int) -> None:
    m = 2**bits - 1
    step, free = optimal_uniform(m), optimal_levels(m)
    assert mse(free) <= mse(step) + 1e-12
    for change in (0.999, 1.001):
        assert mse(step * change) > mse(step)
        assert mse(free * change) > mse(free)
    assert HalfWaveGaussian.fit(bits).levels == tuple(float(q) for q in step.astype(np.float32))
    assert len(HalfWaveGaussian.fit(bits, uniform=False).levels) == m


@pytest.mark.requirement("QREF-LB-013")
def test_slopes_at_and_beyond_the_ends() -> None:
    x, g = array(-1, 0, -0.0, 0.1, 0.75, 0.8, 2.75), np.full(7, 4, np.float32)
    assert QUARTERS.backward(x, g, "relu").tolist() == [0, 0, 0, 4, 4, 4, 4]
    assert QUARTERS.backward(x, g, "clipped-relu").tolist() == [0, 0, 0, 4, 4, 0, 0]
    tail = QUARTERS.backward(x, g, "log-tailed-relu").tolist()
    assert tail[:5] == [0, 0, 0, 4, 4]
    assert tail[6] == np.float32(4 / 3)  # x − τ = 2.75 + 0.25
    with pytest.raises(InvalidInput, match="approximation"):
        QUARTERS.backward(x, g, "tanh")


@pytest.mark.requirement("QREF-LB-013")
@given(st.floats(2.0**-6, 8, width=32), st.floats(2.0**-8, 20, width=32), st.sampled_from(APPROXIMATIONS))
def test_slopes_fall_and_the_tail_joins_without_a_jump(q: float, x: float, how: str) -> None:
    assert derivative(x, q, how) <= 1
    assert derivative(x, q, how) >= derivative(2 * x, q, how)
    if how == "log-tailed-relu":
        assert derivative(float(np.nextafter(np.float32(q), np.float32(99))), q, how) > 1 - Fraction(1, 2**19)


def test_midpoints_that_float32_does_not_hold_leave_no_margin() -> None:
    for x, levels in (([1.0], [1e38, 3e38]), ([3 * 2.0**-149], [2 * 2.0**-149, 5 * 2.0**-149])):
        assert half_wave_quantize_margin(tensor(x, "float32"), tensor(levels, "float32")) == 0
    assert half_wave_quantize_margin(tensor([1.0], "float32"), tensor([1.0, 3.0], "float32")) == float("inf")
