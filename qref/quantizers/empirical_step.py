"""The step of least squared error over given numbers, exact.

With c the multiples that a step Δ gives |x| (k + 1/2 on a mid-rise grid), the error is

    D(Δ) = Σ (|x| − cΔ)² = Σ x² − 2Δ·Σ c|x| + Δ²·Σ c²

a parabola between two steps at which some c changes, Δ = |x| / (boundary). At such a step the sum is continuous and its
slope falls, since the number changes over to a better level: no minimum lies there. So the minimum is the lowest of the
parabolas' own, Δ = Σ c|x| / Σ c², that lies inside its piece. All of them are looked at, from large steps to small:
float64 sums tell which may lie inside their pieces, and those are taken exactly.

[seed: Optimization, α = Σ w·b / Σ b²]
"""

from collections.abc import Iterator
from fractions import Fraction
from math import frexp, inf, ldexp, sqrt
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qref.numerics.exact_totals import total
from qref.quantizers.weights import finite

CHUNK = 1 << 20  # changes at a time
NEAR = 2.0**-30  # float64 sums over a chunk stay within 2⁻³³ of themselves

Magnitudes = NDArray[np.float32]


def empirical_step(x: NDArray[np.float32], kind: str, bits: int) -> Fraction:
    """The best step of a grid of `qref.quantizers.grid`; 0 where no number but 0 has a level to reach.

    Of equally good steps the largest; an unsigned grid leaves negative numbers at 0.

    Raises:
        InvalidInput: x is not float32 or not finite.
    """
    found = minima(x, kind, bits, NEAR)
    return max(((gain, step) for step, gain in found), default=(Fraction(0), Fraction(0)))[1]


def minima(x: NDArray[np.float32], kind: str, bits: int, near: float = 1.0) -> Iterator[tuple[Fraction, Fraction]]:
    """Every parabola's minimum that lies inside its piece: the step, and what it takes off Σ x².

    near: those are left out that take off less than one before by more than this share. Now and then there is one that
    lies outside its piece by less than 2⁻²⁹ of itself: it takes off no more than the best one.
    """
    x = finite("x", x).reshape(-1)
    a = np.abs(x[x > 0] if kind == "unsigned" else x[x != 0])
    if not a.size:
        return
    top = (1 << bits) - 1 if kind == "unsigned" else (1 << (bits - 1)) - 1
    first = Fraction(1, 2) if kind == "mid-rise" else Fraction(0)
    # Σ c|x| and Σ c² where Δ is so large that every number is at the first level
    A, B, upper, bar = first * total(a), first * first * x.size, inf, 0.0
    for span in spans(a, float(first), top):
        v, odds, ends = changes(a, float(first), top, *span)
        sums = np.cumsum(np.append(float(A), v), dtype=np.float64)[:-1]
        squares = np.cumsum(np.append(float(B), odds))[:-1]
        uppers = np.append(upper, ends[:-1])
        inside = (ends < uppers) & (sums > 0) & (ends * squares <= sums * (1 + NEAR))
        inside &= sums * (1 - NEAR) <= np.where(squares > 0, uppers, inf) * np.maximum(squares, 1)
        gains = sums**2 / np.maximum(squares, 0.25)
        bar = max(bar, gains[inside].max(initial=0) * (1 - near))
        inside &= gains >= bar
        done = 0
        for i in [*np.flatnonzero(inside).tolist(), v.size]:
            A, B, done = A + total(v[done:i]), B + int(odds[done:i].sum()), i
            if i < v.size:
                yield A / B, A * A / B
        upper = float(ends[-1])
    if A > 0 and float(A / B) <= upper * (1 + NEAR):
        yield A / B, A * A / B


def changes(
    a: Magnitudes, first: float, top: int, high: float, low: float
) -> tuple[Magnitudes, NDArray[np.int64], NDArray[np.float64]]:
    """The changes of level with low ≤ Δ < high, from the largest Δ down: |x|, what Σ c² grows by, and Δ.

    float64 quotients order them as they are: two that differ do so by 2⁻⁴¹ of themselves or more.
    """
    above, below = passed(a, high, first, top), passed(a, low, first, top)
    i = np.repeat(np.arange(a.size), below - above)
    begin = np.cumsum(below - above) - (below - above)
    k = np.arange(i.size) - begin[i] + above[i]
    ends = a[i].astype(np.float64) / (k + (first + 0.5))
    order = np.argsort(-ends)
    i, k, ends = i[order], k[order], ends[order]
    return a[i], 2 * k + int(2 * first) + 1, ends


def passed(a: Magnitudes, step: float, first: float, top: int) -> NDArray[np.int64]:
    """How many changes of each number lie at this step or above; exact for a step of 24 bits."""
    found: Any = np.minimum(np.floor(a.astype(np.float64) / step + (0.5 - first)), top)
    return found.astype(np.int64)


def spans(a: Magnitudes, first: float, top: int) -> Iterator[tuple[float, float]]:
    """Spans of Δ with all changes in them, from the largest down, CHUNK changes at most unless they are too near."""
    ends = ldexp(4.0, frexp(float(a.max()))[1]), ldexp(0.125, frexp(float(a.min()) / (top + 1))[1])
    counted = [(end, int(passed(a, end, first, top).sum())) for end in ends]
    waiting = [(counted[0], counted[1])]
    while waiting:
        (high, above), (low, below) = waiting.pop()
        if below - above > CHUNK and high > low * (1 + 2.0**-20):
            f, e = frexp(sqrt(high) * sqrt(low))
            middle = ldexp(float(np.float32(f)), e)
            between = middle, int(passed(a, middle, first, top).sum())
            waiting += [(between, (low, below)), ((high, above), between)]
        elif below > above:
            yield high, low
