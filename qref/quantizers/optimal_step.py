"""The step of least expected squared error of an equally spaced grid, to 40 digits.

On x ≥ 0 a grid has the levels cΔ, c = s, s + 1, … L + s, with s = 0 for signed and unsigned grids and s = 1/2 for
mid-rise ones, and a boundary halfway between each two of them, t_c = (c − 1/2)Δ below level cΔ. Then

    A(Δ) = Σ_c c·∫ x·p,  B(Δ) = Σ_c c²·∫ p  over the cell of each level,    D(Δ) = m2 − 2ΔA + Δ²B
    dD/dΔ = −2F,         F(Δ) = A − ΔB

(what the moving boundaries contribute cancels, as both neighbours are equally far). Summed by parts,

    A = s·M1(0) + Σ M1(t_c),    B = s²·M0(0) + Σ (2c − 1)·M0(t_c)     c from s + 1 on
    F = s·(M1(0) − sΔ·M0(0)) + Σ (M1(t_c) − 2t_c·M0(t_c))

[seed: N-bit Fixed point Quantization: HOW?; Max, "Quantizing for minimum distortion", 1960, the case of equally spaced
outputs]
"""

from dataclasses import dataclass
from decimal import Decimal, localcontext
from functools import cache

import numpy as np
from scipy.optimize import brentq

from qref.quantizers.distributions import CONTEXT, DISTRIBUTIONS, HALF, Distribution

SPLITS = 60
ENOUGH = Decimal(10) ** -25  # Newton's next step would change the 50th digit


@dataclass(frozen=True)
class Optimum:
    """A step, and the expected squared error that it leaves."""

    step: Decimal
    mse: Decimal


@dataclass(frozen=True)
class Positive:
    """The levels of a grid on x ≥ 0: s, and how many follow the first.

    reserved: level 0 is for x ≤ 0 alone and the first cell, from 0 on, belongs to level Δ (half-wave Gaussian
    quantization's own grid).
    """

    s: Decimal
    above: int
    reserved: bool = False

    @property
    def boundaries(self) -> list[Decimal]:
        """t_c / Δ, from the lowest on."""
        found = [self.s + k + HALF for k in range(self.above)]
        return [Decimal(0), *found[1:]] if self.reserved else found

    @property
    def weights(self) -> list[Decimal]:
        """2c − 1."""
        return [2 * (self.s + k) + 1 for k in range(self.above)]


def positive(grid: str, levels: int) -> Positive:
    """The positive levels of a grid of so many levels."""
    if grid == "mid-rise":
        return Positive(HALF, levels // 2 - 1)
    if grid == "signed":
        return Positive(Decimal(0), (levels - 1) // 2)
    return Positive(Decimal(0), levels - 1, reserved=grid == "hwgq")


@cache
def optimal_step(distribution: str, grid: str, levels: int) -> Optimum:
    """The best of all stationary steps.

    Args:
        distribution: a name of DISTRIBUTIONS. grid: signed (an odd number of levels from 3 on), mid-rise (an even one),
        unsigned, or hwgq (from 2 levels on; 0 included).
    """
    source, levels_ = DISTRIBUTIONS[distribution], positive(grid, levels)
    with localcontext(CONTEXT):
        found = [solved(source, levels_, bracket) for bracket in brackets(source, levels_)]
        return min(found, key=lambda one: one.mse)


def solved(source: Distribution, levels: Positive, bracket: tuple[float, float]) -> Optimum:
    """The one root of F in the bracket: found in float64, then Newton's steps; to be called in CONTEXT."""
    rough = Rough(source, levels)
    step = Decimal(float(brentq(rough.F, *bracket, xtol=1e-15)))
    while True:
        A, B, slope = sums(source, levels, step)
        following = step - (A - step * B) / slope
        done, step = abs(following - step) <= ENOUGH * step, following
        if done:
            return Optimum(step, source.halves * (source.m2 - 2 * step * A + step * step * B))


def sums(source: Distribution, levels: Positive, step: Decimal) -> tuple[Decimal, Decimal, Decimal]:
    """A, B and dF/dΔ."""
    s = levels.s
    _, m0, m1 = source.moments(Decimal(0))
    A, B, slope = s * m1, s * s * m0, -s * s * m0
    for c, weight in zip(levels.boundaries, levels.weights):
        p, M0, M1 = source.moments(c * step)
        A += M1
        B += weight * M0
        slope += c * (weight - c) * step * p - weight * M0
    return A, B, slope


class Rough:
    """F and bounds on it in float64, for searching."""

    def __init__(self, source: Distribution, levels: Positive) -> None:
        self.c = np.array([float(one) for one in levels.boundaries])
        self.weight = np.array([float(one) for one in levels.weights])
        self.s = float(levels.s)
        self.moments = source.rough
        _, self.m0, self.m1 = (float(one[0]) for one in source.rough(np.zeros(1)))

    def F(self, step: float) -> float:
        """F at a step."""
        _, M0, M1 = self.moments(self.c * step)
        return float(self.s * (self.m1 - self.s * step * self.m0) + (M1 - self.weight * step * M0).sum())

    def slopes(self, low: float, high: float) -> tuple[float, float]:
        """Between two steps dF/dΔ = −s²·M0(0) + Σ c(2c − c)Δ·p(cΔ) − 2c·M0(cΔ) lies between these: p and M0 fall."""
        p_low, M0_low, _ = self.moments(self.c * low)
        p_high, M0_high, _ = self.moments(self.c * high)
        rising = self.c * (self.weight - self.c)
        least = (rising * low * p_high - self.weight * M0_low).sum()
        most = (rising * high * p_low - self.weight * M0_high).sum()
        return float(least - self.s * self.s * self.m0), float(most - self.s * self.s * self.m0)


def brackets(source: Distribution, levels: Positive) -> list[tuple[float, float]]:
    """Intervals with exactly one root of F each, F falling through it, that hold every minimum of D.

    A term of F is positive where the mean excess e(t) = M1/M0 − t over its boundary is above t. For a log-concave
    density e falls, and e(t) + t does not; so all terms are positive while every boundary is below e(0)/2, and all
    negative once Δ is above 2·e(0). In between intervals are halved until bounds on F show that there is no root, or
    bounds on dF/dΔ that F falls and there is at most one.
    """
    rough = Rough(source, levels)

    def search(low: float, high: float, depth: int) -> list[tuple[float, float]]:
        least, most = rough.slopes(low, high)
        if most < 0:
            return [(low, high)] if rough.F(low) > 0 >= rough.F(high) else []
        if abs(rough.F((low + high) / 2)) > (high - low) / 2 * max(-least, most):
            return []
        if depth == 0:
            raise AssertionError(f"no decision between steps {low} and {high}")
        middle = (low + high) / 2
        return search(low, middle, depth - 1) + search(middle, high, depth - 1)

    mean_excess = rough.m1 / rough.m0
    return search(mean_excess / (2 * levels.above + 2), 2.5 * mean_excess, SPLITS)
