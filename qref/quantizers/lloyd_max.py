"""Lloyd–Max: the levels of least expected squared error, free to lie anywhere, to 40 digits.

Each level is the mean of its cell, each boundary lies halfway between its levels:

    y_i = ∫ x·p / ∫ p  over (t_(i−1), t_i)        t_i = (y_i + y_(i+1)) / 2

[Max, "Quantizing for minimum distortion", 1960, the conditions of a minimum; Lloyd, "Least squares quantization in
PCM", 1957/1982]

For a log-concave density, as those here are, there is one solution only, and it is the optimum (Fleischer 1964;
Trushkin 1982); so that of a symmetric density is symmetric, and its levels above 0 are all that is solved for.
"""

from dataclasses import dataclass
from decimal import Decimal, localcontext
from functools import cache
from itertools import pairwise

import numpy as np
from scipy.linalg import solve_banded

from qref.quantizers.distributions import CONTEXT, DISTRIBUTIONS, Distribution, Floats

ENOUGH = Decimal(10) ** -25
LLOYD, NEWTON = 20, 12


@dataclass(frozen=True)
class LloydMax:
    """Levels in rising order, the boundaries between them, and the expected squared error."""

    levels: tuple[Decimal, ...]
    boundaries: tuple[Decimal, ...]
    mse: Decimal


@cache
def lloyd_max(distribution: str, levels: int) -> LloydMax:
    """The best `levels` levels for a distribution.

    Args:
        distribution: normal, laplace or half-normal. levels: from 2 on.
    """
    source = DISTRIBUTIONS[distribution]
    with localcontext(CONTEXT):
        middle = source.signed and levels % 2 == 1  # a level at 0
        y = [Decimal(float(v)) for v in rough_levels(source, levels // 2 if source.signed else levels, middle)]
        step = y
        while max(abs(d) for d in step) > ENOUGH * y[0]:
            step = newton_step(source, y, middle)
            y = [v - d for v, d in zip(y, step)]
        error = source.halves * squared_error(source, y, middle)
        if source.signed:
            y = [*(-v for v in reversed(y)), *([Decimal(0)] if middle else []), *y]
        return LloydMax(tuple(y), tuple((a + b) / 2 for a, b in pairwise(y)), error)


def newton_step(source: Distribution, y: list[Decimal], middle: bool) -> list[Decimal]:
    """Newton's step for G_i = ∫ x·p − y_i ∫ p = 0, a tridiagonal system; to be called in CONTEXT."""
    t = [y[0] / 2 if middle else Decimal(0), *((a + b) / 2 for a, b in pairwise(y))]
    edge = [source.moments(v) for v in t]
    edge.append((Decimal(0), Decimal(0), Decimal(0)))
    t.append(Decimal(0))  # where nothing is left, and p is 0
    last: Decimal = Decimal(0)
    upper: list[Decimal] = []
    right: list[Decimal] = []
    for i, v in enumerate(y):
        (p, M0, M1), (q, N0, N1) = edge[i], edge[i + 1]
        G = M1 - N1 - v * (M0 - N0)
        below, above = (v - t[i]) * p / 2, (t[i + 1] - v) * q / 2
        diagonal = above - (M0 - N0) + (below if i or middle else 0)
        # Thomas's elimination: for a log-concave density the diagonal outweighs its neighbours
        pivot = diagonal - below * upper[-1] if i else diagonal
        right.append((G - below * right[-1] if i else G) / pivot)
        upper.append(above / pivot)
    for i in reversed(range(len(y))):
        last = right[i] - (upper[i] * last if i + 1 < len(y) else 0)
        right[i] = last
    return right


def squared_error(source: Distribution, y: list[Decimal], middle: bool) -> Decimal:
    """m2 − Σ 2y·∫ x·p − y²·∫ p over the cells above 0."""
    t = [y[0] / 2 if middle else Decimal(0), *((a + b) / 2 for a, b in pairwise(y))]
    edge = [source.moments(v) for v in t]
    edge.append((Decimal(0), Decimal(0), Decimal(0)))
    return source.m2 - sum(
        (2 * v * (edge[i][2] - edge[i + 1][2]) - v * v * (edge[i][1] - edge[i + 1][1]) for i, v in enumerate(y)),
        Decimal(0),
    )


def rough_levels(source: Distribution, m: int, middle: bool) -> Floats:
    """The m levels above 0 in float64: Lloyd's steps from where they would lie if they were many, then Newton's."""
    places: Floats = np.arange(1, m + 1, dtype=np.float64) - (0 if middle else 0.5)
    y = source.spread(places / (m + (0.5 if middle else 0)))
    for _ in range(LLOYD * m):
        G, _, mass = equations(source, y, middle)
        y = y + G / mass
    for _ in range(NEWTON):
        G, bands, _ = equations(source, y, middle)
        y = y - solve_banded((1, 1), bands, G)
    return y


def equations(source: Distribution, y: Floats, middle: bool) -> tuple[Floats, Floats, Floats]:
    """G, the bands of its derivative, and the mass of each cell, in float64."""
    t = np.concatenate([[y[0] / 2 if middle else 0.0], (y[1:] + y[:-1]) / 2])
    p, M0, M1 = (np.append(v, 0.0) for v in source.rough(t))
    mass, t = M0[:-1] - M0[1:], np.append(t, 0.0)
    below, above = (y - t[:-1]) * p[:-1] / 2, (t[1:] - y) * p[1:] / 2
    diagonal = above - mass + below
    if not middle:
        diagonal[0] -= below[0]  # the lowest boundary is 0, whatever the levels are
    bands = np.array([np.append(0.0, above[:-1]), diagonal, np.append(below[1:], 0.0)])
    return M1[:-1] - M1[1:] - y * mass, bands, mass
