"""The step of least squared error over given numbers, exact.

With c the multiples that a step Δ gives |x| (k + 1/2 on a mid-rise grid), the error is

    D(Δ) = Σ (|x| − cΔ)² = Σ x² − 2Δ·Σ c|x| + Δ²·Σ c²

a parabola between two steps at which some c changes, Δ = |x| / (boundary). At such a step the sum is continuous and its
slope falls, since the number changes over to a better level: no minimum lies there. So the minimum is the lowest of the
parabolas' own, Δ = Σ c|x| / Σ c², that lies inside its piece. All of them are looked at, from large steps to small.

[seed: Optimization, α = Σ w·b / Σ b²]
"""

from collections.abc import Iterator
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from qref.quantizers.weights import finite


def empirical_step(x: NDArray[np.float32], kind: str, bits: int) -> Fraction:
    """The best step of a grid of `qref.quantizers.grid`; 0 where no number but 0 has a level to reach.

    Of equally good steps the largest; an unsigned grid leaves negative numbers at 0.

    Raises:
        InvalidInput: x is not float32 or not finite.
    """
    return max(((gain, step) for step, gain in minima(x, kind, bits)), default=(Fraction(0), Fraction(0)))[1]


def minima(x: NDArray[np.float32], kind: str, bits: int) -> Iterator[tuple[Fraction, Fraction]]:
    """Every parabola's minimum that lies inside its piece: the step, and what it takes off Σ x².

    There are as many pieces as numbers times levels: for samples, not for whole layers.
    """
    x = finite("x", x).reshape(-1)
    magnitudes = np.maximum(x, 0) if kind == "unsigned" else np.abs(x)
    numbers = [Fraction(float(v)) for v in magnitudes if v > 0]
    top = (1 << bits) - 1 if kind == "unsigned" else (1 << (bits - 1)) - 1
    half = Fraction(1, 2)
    first = half if kind == "mid-rise" else Fraction(0)
    # Σ c|x| and Σ c² where Δ is so large that every number is at the first level
    A, B = first * sum(numbers, Fraction(0)), first * first * magnitudes.size
    changes = sorted(((v / (first + k + half), v, first + k) for v in numbers for k in range(top)), reverse=True)
    for upper, v, c in [*changes, (Fraction(0), Fraction(0), half)]:
        # the piece from the next change on down to this one
        if A > 0 and upper * B <= A:
            yield A / B, A * A / B
        A, B = A + v, B + 2 * c + 1
