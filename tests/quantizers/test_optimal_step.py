"""Optimal steps and Lloyd–Max levels against mpmath at 30 digits, by numerical integration of the definition."""

from itertools import pairwise

import numpy as np
import pytest
from mpmath import mp, mpf

from qref.quantizers.distributions import DISTRIBUTIONS, LAPLACE, NORMAL
from qref.quantizers.lloyd_max import lloyd_max
from qref.quantizers.optimal_step import Rough, brackets, optimal_step, positive

CASES = [
    *(("normal", "mid-rise", n) for n in (2, 4, 8, 16)),
    *(("normal", "signed", n) for n in (3, 7, 15)),
    *(("laplace", "mid-rise", n) for n in (2, 4, 8)),
    *(("laplace", "signed", n) for n in (3, 7)),
    *(("half-normal", "unsigned", n) for n in (2, 4, 8)),
    *(("half-wave", "unsigned", n) for n in (2, 4)),
    *(("half-wave", "hwgq", n) for n in (2, 4, 8)),
]


def density(distribution: str, x: mpf) -> mpf:
    """On x > 0, counted for both sides where there are two."""
    once = 1 if distribution == "half-wave" else 2
    if distribution == "laplace":
        return once * mp.exp(-x * mp.sqrt(2)) / mp.sqrt(2)
    return once * mp.exp(-x * x / 2) / mp.sqrt(2 * mp.pi)


def error(distribution: str, levels: list[mpf], boundaries: list[mpf]) -> mpf:
    """E (x − y)², each cell integrated by itself."""
    ends = [mpf(0), *boundaries, mp.inf]
    return sum(
        mp.quad(lambda x, y=y: (x - y) ** 2 * density(distribution, x), [a, b] if b < mp.inf else [a, a + 2, a + 6, b])
        for y, a, b in zip(levels, ends, ends[1:])
    )


def grid_error(distribution: str, grid: str, n: int, step: mpf) -> mpf:
    """The error of a grid on x ≥ 0."""
    if grid == "mid-rise":
        levels = [(k + mpf(1) / 2) * step for k in range(n // 2)]
    elif grid == "signed":
        levels = [k * step for k in range(n // 2 + 1)]
    else:
        levels = [k * step for k in range(1 if grid == "hwgq" else 0, n)]
    return error(distribution, levels, [(a + b) / 2 for a, b in pairwise(levels)])


@pytest.mark.requirement("QREF-GR-006")
@pytest.mark.parametrize(("distribution", "grid", "n"), CASES)
def test_step_and_error_are_those_of_the_definition(distribution: str, grid: str, n: int) -> None:
    with mp.workdps(30):
        found = optimal_step(distribution, grid, n)
        step = mpf(str(found.step))
        assert abs(grid_error(distribution, grid, n, step) / mpf(str(found.mse)) - 1) < mpf(10) ** -20
        h = mpf(10) ** -6 * step
        low, high = (grid_error(distribution, grid, n, step + d) for d in (-h, h))
        least = mpf(str(found.mse))
        assert low > least < high
        # a parabola's bottom: ten digits of the step are the difference of both sides
        assert abs(low - high) < mpf(10) ** -4 * (low + high - 2 * least)


def closed(distribution: str, c: mpf, step: mpf) -> tuple[mpf, mpf]:
    """∫ p and ∫ x·p beyond c·step on one side, by mpmath's own erfc."""
    t = c * step
    if distribution == "laplace":
        b = 1 / mp.sqrt(2)
        return mp.exp(-t / b) / 2, (t + b) * mp.exp(-t / b) / 2
    return mp.erfc(t / mp.sqrt(2)) / 2, mp.exp(-t * t / 2) / mp.sqrt(2 * mp.pi)


@pytest.mark.requirement("QREF-GR-006")
@pytest.mark.parametrize(
    ("distribution", "grid", "n"),
    [
        ("normal", "signed", 255),
        ("normal", "mid-rise", 256),
        ("laplace", "signed", 255),
        ("half-normal", "unsigned", 256),
    ],
)
def test_the_derivative_is_zero_at_the_step_of_eight_bits(distribution: str, grid: str, n: int) -> None:
    with mp.workdps(40):
        step = mpf(str(optimal_step(distribution, grid, n).step))
        s = mpf(1) / 2 if grid == "mid-rise" else mpf(0)
        m0, m1 = closed(distribution, mpf(0), step)
        total, size = s * (m1 - s * step * m0), mpf(0)
        for k in range(positive(grid, n).above):
            c = s + k + mpf(1) / 2
            M0, M1 = closed(distribution, c, step)
            total += M1 - 2 * c * step * M0
            size += M1
        assert abs(total) < mpf(10) ** -30 * size


@pytest.mark.parametrize("distribution", DISTRIBUTIONS)
@pytest.mark.parametrize("n", [2, 3, 4, 8, 15, 64])
def test_every_minimum_is_bracketed(distribution: str, n: int) -> None:
    """Where F changes its sign on a fine grid of steps there is a bracket, and nowhere else."""
    source = DISTRIBUTIONS[distribution]
    grid = ("signed" if n % 2 else "mid-rise") if source.signed else "unsigned"
    levels = positive(grid, n)
    found = brackets(source, levels)
    rough = Rough(source, levels)
    steps = np.geomspace(1e-3, 20, 4000)
    signs = np.sign([rough.F(step) for step in steps])
    falls = [steps[i] for i in range(len(steps) - 1) if signs[i] > 0 >= signs[i + 1]]
    assert len(falls) == len(found) == 1
    assert all(low <= 1.01 * fall and fall <= high for fall, (low, high) in zip(falls, found))


@pytest.mark.requirement("QREF-GR-008")
@pytest.mark.parametrize("distribution", ["normal", "laplace", "half-normal"])
@pytest.mark.parametrize("n", [2, 3, 4, 7, 16, 255, 256])
def test_each_level_is_the_mean_of_its_cell(distribution: str, n: int) -> None:
    found = lloyd_max(distribution, n)
    assert len(found.levels) == n
    with mp.workdps(40):
        y = [mpf(str(v)) for v in found.levels if v > 0]
        low = mpf(0) if n % 2 == 0 or distribution == "half-normal" else y[0] / 2
        edges = [low, *((a + b) / 2 for a, b in pairwise(y))]
        tails = [closed(distribution, mpf(1), t) for t in edges] + [(mpf(0), mpf(0))]
        for v, (M0, M1), (N0, N1) in zip(y, tails, tails[1:]):
            assert abs((M1 - N1) / (M0 - N0) / v - 1) < mpf(10) ** -25
        second = mpf(1) / 2
        sides = second - sum(2 * v * (M[1] - N[1]) - v * v * (M[0] - N[0]) for v, M, N in zip(y, tails, tails[1:]))
        assert abs(2 * sides / mpf(str(found.mse)) - 1) < mpf(10) ** -25


def test_levels_are_symmetric_and_rise() -> None:
    for n in (2, 5, 32):
        found = lloyd_max("normal", n)
        assert [v.copy_negate() if v else v for v in reversed(found.levels)] == list(found.levels)
        assert list(found.levels) == sorted(found.levels)
        assert len(found.boundaries) == n - 1


def test_closed_forms_in_float64_agree_with_decimal() -> None:
    from decimal import Decimal, localcontext

    from qref.quantizers.distributions import CONTEXT

    with localcontext(CONTEXT):
        for source in (NORMAL, LAPLACE):
            for t in (0.0, 0.3, 1.0, 2.5, 5.0):
                rough = [float(v[0]) for v in source.rough(np.array([t]))]
                assert [float(v) for v in source.moments(Decimal(t))] == pytest.approx(rough, rel=1e-13)


def test_free_levels_are_never_worse_and_more_levels_never_either() -> None:
    for n in (3, 4, 8, 15):
        grid = "signed" if n % 2 else "mid-rise"
        assert lloyd_max("normal", n).mse <= optimal_step("normal", grid, n).mse + 0
        assert optimal_step("normal", grid, n + 2).mse < optimal_step("normal", grid, n).mse
