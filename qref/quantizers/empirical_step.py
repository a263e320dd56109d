"""The step of least squared error over given numbers, exact.

With c the multiples that a step Δ gives |x| (k + 1/2 on a mid-rise grid), the error is

    D(Δ) = Σ (|x| − cΔ)² = Σ x² − 2Δ·Σ c|x| + Δ²·Σ c²

a parabola between two steps at which some c changes, Δ = |x| / (boundary). At such a step the sum is continuous and its
slope falls, since the number changes over to a better level: no minimum lies there. So the minimum is the lowest of the
parabolas' own, Δ = Σ c|x| / Σ c², that lies inside its piece. All of them are looked at, from large steps to small.

[seed: Optimization, α = Σ w·b / Σ b²]
"""

from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from qref.quantizers.weights import finite


def empirical_step(x: NDArray[np.float32], kind: str, bits: int) -> Fraction:
    """The best step of a grid of `qref.quantizers.grid`; 0 where no number but 0 has a level to reach.

    It looks at as many pieces as there are numbers times levels: for samples, not for whole layers. Of equally good
    steps the largest; an unsigned grid leaves negative numbers at 0.

    Raises:
        InvalidInput: x is not float32 or not finite.
    """
    magnitudes = np.abs(finite("x", x)).reshape(-1)
    if kind == "unsigned":
        magnitudes = np.maximum(x, 0).reshape(-1)
    numbers = [Fraction(float(v)) for v in magnitudes if v > 0]
    top = (1 << bits) - 1 if kind == "unsigned" else (1 << (bits - 1)) - 1
    half = Fraction(1, 2)
    zeros = magnitudes.size - len(numbers)
    first = half if kind == "mid-rise" else Fraction(0)
    # Σ c|x| and Σ c² where Δ is so large that every number is at the first level
    A, B = first * sum(numbers, Fraction(0)), first * first * (len(numbers) + zeros)
    changes = sorted(((v / (first + k + half), v, first + k) for v in numbers for k in range(top)), reverse=True)
    best, gain = Fraction(0), Fraction(0)
    for i in range(len(changes) + 1):
        if B and gain * B < A * A and (i == len(changes) or changes[i][0] * B <= A):
            best, gain = A / B, A * A / B  # D = Σ x² − A²/B
        if i < len(changes):
            _, v, c = changes[i]
            A, B = A + v, B + 2 * c + 1
    return best
