"""Weights on grids. Steps and levels of a unit normal are found by SciPy's solvers, and levels polished by mpmath."""

from fractions import Fraction
from functools import cache
from itertools import pairwise
from math import inf, sqrt
from typing import Any

import numpy as np
from mpmath import mp
from scipy.optimize import brentq, minimize_scalar, root
from scipy.special import ndtr

from independent.refusal import refuse_unless
from independent.schemes.code_table import nearest_power, nearest_value
from independent.schemes.grid import LARGEST, levels, nearest
from independent.schemes.scheme import float32, integers, numbers, places
from independent.tensors import Tensor


def density(t: Any) -> Any:
    return np.exp(-np.square(t) / 2) / sqrt(2 * np.pi)


def cells(y: Any) -> tuple[Any, Any, Any]:
    """Mass, first and second moment of the cells of levels y."""
    t = np.concatenate([[-inf], (y[1:] + y[:-1]) / 2, [inf]])
    p = density(t)
    tp = np.where(np.isinf(t), 0, t) * p
    return np.diff(ndtr(t)), -np.diff(p), np.diff(ndtr(t)) - np.diff(tp)


def error(y: Any) -> float:
    mass, first, second = cells(y)
    return float((second - 2 * y * first + y * y * mass).sum())


@cache
def best_step(levels_: int) -> float:
    k = np.arange(levels_) - (levels_ - 1) / 2
    found = minimize_scalar(lambda step: error(k * step), bounds=(0.5 / levels_, 10 / levels_ + 1), method="bounded")

    def slope(step: float) -> float:
        mass, first, _ = cells(k * step)
        return float((k * (first - k * step * mass)).sum())

    return float(brentq(slope, 0.97 * found.x, 1.03 * found.x, xtol=1e-15))


@cache
def best_levels(count: int) -> list[Fraction]:
    half = np.sqrt(3) * np.sort(np.random.default_rng(0).standard_normal(4096))
    y = np.interp((np.arange(count) + 0.5) / count, (np.arange(4096) + 0.5) / 4096, half)
    for _ in range(20 * count):
        mass, first, _ = cells(y)
        y = first / mass
        y = (y - y[::-1]) / 2
    upper = y[count // 2 :]

    def equations(z: Any) -> Any:
        mass, first, _ = cells(np.concatenate([-z[::-1], z]))
        return (first / mass)[count // 2 :] - z

    z = root(equations, upper, tol=1e-14).x
    upper = polished(z.tolist())
    return [*(-v for v in reversed(upper)), *upper]


def polished(z: list[float]) -> list[Fraction]:
    """Positive levels to 30 digits: float64 loses ten of its digits in the differences of 256 levels.

    What each level lacks to the mean of its cell, divided by the derivatives with respect to it and its neighbours.
    """
    with mp.workdps(50):
        y = [mp.mpf(v) for v in z]
        for _ in range(3):
            t = [mp.mpf(0), *((a + b) / 2 for a, b in pairwise(y)), mp.inf]
            p = [mp.npdf(v) for v in t]
            mass = [(mp.erfc(a / mp.sqrt(2)) - mp.erfc(b / mp.sqrt(2))) / 2 for a, b in pairwise(t)]
            lack = [a - b - v * m for v, m, (a, b) in zip(y, mass, pairwise(p))]
            low = [(v - a) * q / 2 for v, a, q in zip(y, t, p)]
            high = [(b - v) * q / 2 if b < mp.inf else mp.mpf(0) for v, b, q in zip(y, t[1:], p[1:])]
            middle = [h - m + (lo if i else 0) for i, (h, m, lo) in enumerate(zip(high, mass, low))]
            for i in range(1, len(y)):  # elimination downwards
                factor = low[i] / middle[i - 1]
                middle[i] -= factor * high[i - 1]
                lack[i] -= factor * lack[i - 1]
            move = mp.mpf(0)
            for i in reversed(range(len(y))):
                move = (lack[i] - high[i] * move) / middle[i]
                y[i] -= move
        return [Fraction(mp.nstr(v, 40)) for v in y]


def spread(W: list[Fraction], part: list[int]) -> float:
    """The root of an exact quotient, scaled to what a float holds."""
    total = sum((W[i] * W[i] for i in part), Fraction(0)) / max(len(part), 1)
    if total == 0:
        return 0.0
    e = (total.numerator.bit_length() - total.denominator.bit_length()) // 2
    return sqrt(float(total / Fraction(4) ** e)) * 2.0**e


def uniform_weights(attributes: dict[str, Any], inputs: list[Tensor | None]) -> list[Tensor]:
    n = attributes.get("bits", 8)
    refuse_unless(2 <= n <= 8, "no such width")
    W = numbers(inputs[0])
    assert inputs[0] is not None
    parts = places(inputs[0].shape, attributes)
    steps = [Fraction(best_step(2**n - 1)) * Fraction(spread(W, part)) for part in parts]
    scales = float32((len(parts),), [min(step, LARGEST) for step in steps])
    codes = [0] * len(W)
    multiples = levels({"grid": "signed", "bits": n})
    for part, delta in zip(parts, scales.values):
        for i in part:
            codes[i] = nearest(W[i], Fraction(delta), multiples)
    return [integers("int8", inputs[0].shape, codes), scales]


def lloyd_max_weights(attributes: dict[str, Any], inputs: list[Tensor | None]) -> list[Tensor]:
    n = attributes.get("bits", 4)
    refuse_unless(1 <= n <= 8, "no such width")
    W = numbers(inputs[0])
    assert inputs[0] is not None
    parts = places(inputs[0].shape, attributes)
    sigma = numbers(float32((len(parts),), [Fraction(spread(W, part)) for part in parts]))
    values = [max(-LARGEST, min(y * s, LARGEST)) for s in sigma for y in best_levels(2**n)]
    books = float32((len(parts), 2**n), values)
    found = numbers(books)
    codes = [0] * len(W)
    for p, part in enumerate(parts):
        for i in part:
            codes[i] = nearest_value(W[i], found[p * 2**n : (p + 1) * 2**n])
    return [integers("uint8", inputs[0].shape, codes), books]


def logarithmic_weights(attributes: dict[str, Any], inputs: list[Tensor | None]) -> list[Tensor]:
    n = attributes.get("bits", 4)
    refuse_unless(2 <= n <= 8, "no such width")
    W = numbers(inputs[0])
    assert inputs[0] is not None
    parts = places(inputs[0].shape, attributes)
    K = 2 ** (n - 1) - 1
    codes, books = [0] * len(W), []
    powers = [Fraction(2) ** e for e in range(-149, 128)]
    for part in parts:
        largest = max((abs(W[i]) for i in part), default=Fraction(0))
        values = [Fraction(0)] * (K + 1)
        if largest:
            top = max(powers, key=lambda p: (-abs(largest - p), p))
            values = [Fraction(0), *(top / 2 ** (K - c) for c in range(1, K + 1))]
        held = [v if v >= powers[0] else Fraction(0) for v in values]
        books += [*held, *(-v for v in held)]
        for i in part:
            c = nearest_power(abs(W[i]), values)
            codes[i] = c + (2 ** (n - 1) if c and W[i] < 0 else 0)
    return [integers("uint8", inputs[0].shape, codes), float32((len(parts), 2**n), books)]
