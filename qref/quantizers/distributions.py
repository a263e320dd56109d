"""Distributions whose optimal grids are solved for: density and partial moments on x ≥ 0, in closed form.

With p the density on x ≥ 0 and mean 0 or no negative values, all that a squared error needs is

    M0(t) = ∫ p(x) dx,    M1(t) = ∫ x·p(x) dx  from t to ∞,    and the second moment m2 = ∫ x²·p(x) dx from 0.

    normal     p = φ(x)                M0 = erfc(t/√2) / 2          M1 = φ(t)               m2 = 1/2
    Laplace    p = e^(−x/b) / (2b)     M0 = e^(−t/b) / 2            M1 = (t + b)·M0(t)      m2 = 1/2,  b = 1/√2

A symmetric density counts twice (`halves` = 2), a half-wave once. All numbers are `decimal`, so that steps and errors
are right to more digits than any platform's libm gives; to be called in CONTEXT.
"""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Context, Decimal, localcontext
from functools import cache

import numpy as np
from numpy.typing import NDArray
from scipy.special import erfc, ndtri

CONTEXT = Context(prec=60, rounding=ROUND_HALF_EVEN, Emin=-999_999, Emax=999_999)
HALF = Decimal("0.5")

Real = Decimal
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Distribution:
    """p, M0 and M1 on x ≥ 0 in decimal, and the same three in float64 for searching; m2, and how often they count.

    spread: where the best levels lie if they are many: the quantile on x ≥ 0 of a density ∝ p^(1/3) (Panter, Dite).

    `signed`: x takes both signs, so that grids are signed or mid-rise; else unsigned.
    """

    name: str
    about: str
    moments: Callable[[Real], tuple[Real, Real, Real]]
    rough: Callable[[Floats], tuple[Floats, Floats, Floats]]
    spread: Callable[[Floats], Floats]
    m2: Real
    halves: Real
    signed: bool


@cache
def pi() -> Decimal:
    """π, by Machin's formula 16·arctan(1/5) − 4·arctan(1/239)."""
    with localcontext(CONTEXT) as context:
        context.prec += 10
        return +(16 * _arctan(5) - 4 * _arctan(239))


def _arctan(n: int) -> Decimal:
    """arctan(1/n)."""
    total, power, k = Decimal(0), 1 / Decimal(n), 0
    while total + power != total:
        total += (-1) ** k * power / (2 * k + 1)
        power, k = power / (n * n), k + 1
    return total


def normal_moments(t: Decimal) -> tuple[Decimal, Decimal, Decimal]:
    """φ(t), ∫φ and ∫xφ from t ≥ 0 to ∞.

    ∫φ from 0 to t is φ(t)·Σ t^(2k+1) / (1·3·…·(2k+1)), all terms positive; what 1/2 − that loses at t = 8 are 16 of
    60 digits.
    """
    density = (-t * t / 2).exp() / (2 * pi()).sqrt()
    total, term, odd = Decimal(0), t, 1
    while total + term != total:
        total += term
        odd += 2
        term = term * t * t / odd
    return density, HALF - density * total, density


def normal_rough(t: Floats) -> tuple[Floats, Floats, Floats]:
    """`normal_moments` in float64."""
    density = np.exp(-t * t / 2) / np.sqrt(2 * np.pi)
    return density, erfc(t / np.sqrt(2)) / 2, density


def laplace_moments(t: Decimal) -> tuple[Decimal, Decimal, Decimal]:
    """e^(−x/b) / (2b) and its integrals from t ≥ 0 to ∞, b = 1/√2."""
    b = HALF.sqrt()
    tail = (-t / b).exp() / 2
    return tail / b, tail, (t + b) * tail


def laplace_rough(t: Floats) -> tuple[Floats, Floats, Floats]:
    """`laplace_moments` in float64."""
    b = np.sqrt(0.5)
    tail = np.exp(-t / b) / 2
    return tail / b, tail, (t + b) * tail


def normal_spread(q: Floats) -> Floats:
    """p^(1/3) is a normal of variance 3."""
    return np.sqrt(3) * ndtri(0.5 + 0.5 * q)


def laplace_spread(q: Floats) -> Floats:
    """p^(1/3) is a Laplace of three times the scale."""
    return -3 * np.sqrt(0.5) * np.log1p(-q)


NORMAL_SIDE = (normal_moments, normal_rough, normal_spread, HALF)
NORMAL = Distribution("normal", "a unit normal x", *NORMAL_SIDE, Decimal(2), True)
HALF_NORMAL = Distribution("half-normal", "|x|, x unit normal", *NORMAL_SIDE, Decimal(2), False)
HALF_WAVE = Distribution("half-wave", "max(0, x), x unit normal", *NORMAL_SIDE, Decimal(1), False)
LAPLACE = Distribution(
    "laplace", "a Laplace x of variance 1", laplace_moments, laplace_rough, laplace_spread, HALF, Decimal(2), True
)

DISTRIBUTIONS = {one.name: one for one in (NORMAL, LAPLACE, HALF_NORMAL, HALF_WAVE)}
"""Every distribution by its name."""
