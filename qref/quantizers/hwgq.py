"""Half-wave Gaussian quantization of activations: 0 for x ≤ 0, else the nearest of m positive levels.

Cai, He, Sun, Vasconcelos, "Deep learning with low precision by half-wave Gaussian quantization", 2017, section 4:

    Q(x) = qᵢ for x in (tᵢ, tᵢ₊₁], 0 for x ≤ 0        tᵢ midway between two levels, t₁ = 0, tₘ₊₁ = ∞

with levels of the smallest expected error for a normal x that is positive: a positive x never becomes 0. Backward it is
taken for one of three functions of x:

    ReLU                1 for x > 0
    clipped ReLU        1 for 0 < x ≤ qₘ
    log-tailed ReLU     1 for 0 < x ≤ qₘ, 1 / (x − τ) for x > qₘ, τ = qₘ − 1

and their derivative is 0 elsewhere. [seed: HWGQ-BWN; Cai 2017 section 4]
"""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from qref.errors import InvalidInput
from qref.numerics.floats import float_format, nearest
from qref.quantizers.lloyd_max import lloyd_max
from qref.quantizers.optimal_step import optimal_step
from qref.quantizers.thresholds import above, passed
from qref.quantizers.weights import finite

FLOAT32 = float_format("float32")
APPROXIMATIONS = ("relu", "clipped-relu", "log-tailed-relu")
PUBLISHED_STEP = 0.538  # of three uniform levels, 2 bits: the authors' networks (zhaoweicai/hwgq, "3ne")
PUBLISHED_LEVELS = (0.453, 1.51)  # two non-uniform levels ("2n")

Array = NDArray[np.float32]


@dataclass(frozen=True)
class HalfWaveGaussian:
    """The quantizer of given levels, positive float32 numbers in ascending order, at most 255."""

    levels: tuple[float, ...]

    def __post_init__(self) -> None:
        q = np.array(self.levels, np.float32)
        if not (0 < q.size < 256 and np.isfinite(q).all() and q[0] > 0 and (np.diff(q) > 0).all()):
            raise InvalidInput(f"levels {list(self.levels)}: give 1 to 255 positive float32 numbers in ascending order")

    @classmethod
    def fit(cls, bits: int, uniform: bool = True) -> "HalfWaveGaussian":
        """The optimal levels for a normal x of unit variance: `bits` bits have 2^bits − 1 levels beside 0."""
        m = 2**bits - 1
        levels = optimal_uniform(m) if uniform else optimal_levels(m)
        return cls(tuple(float(q) for q in levels.astype(np.float32)))

    def quantize(self, x: Array) -> NDArray[np.uint8]:
        """0 for x ≤ 0, else i of the nearest qᵢ, the lower of two."""
        return passed(finite("x", x), np.array([above(t) for t in thresholds(self.levels)], np.float32))

    def dequantize(self, codes: NDArray[np.uint8]) -> Array:
        """0, or qᵢ."""
        found: Array = np.array([0.0, *self.levels], np.float32)[codes]
        return found

    def backward(self, x: Array, g: Array, approximation: str) -> Array:
        """∂C/∂x = ∂C/∂Q · the derivative of the approximation, rounded once. g: ∂C/∂Q, of x's shape.

        Raises:
            InvalidInput: another approximation than the three, shapes that differ, NaN or infinity.
        """
        if approximation not in APPROXIMATIONS:
            raise InvalidInput(f"approximation {approximation!r} is not one of {', '.join(APPROXIMATIONS)}")
        x, g = finite("x", x), finite("g", g)
        slope = [derivative(v, self.levels[-1], approximation) for v in x.ravel().tolist()]
        found = [nearest(Fraction(d) * s, FLOAT32) for d, s in zip(g.ravel().tolist(), slope, strict=True)]
        return np.array(found, np.float32).reshape(x.shape)


def thresholds(levels: Sequence[float]) -> list[Fraction]:
    """t₁ = 0 and the exact midpoints of neighbouring levels."""
    q = [Fraction(float(np.float32(level))) for level in levels]
    return [Fraction(0), *((a + b) / 2 for a, b in pairwise(q))]


def derivative(x: float, highest: float, approximation: str) -> Fraction:
    """The derivative at x of one of the three functions; at 0 and at qₘ that of the left side, as intervals close."""
    q = Fraction(float(np.float32(highest)))
    if x <= 0:
        return Fraction(0)
    if x <= q or approximation == "relu":
        return Fraction(1)
    return Fraction(0) if approximation == "clipped-relu" else 1 / (Fraction(x) - (q - 1))


def optimal_uniform(m: int) -> NDArray[np.float64]:
    """Δ, 2Δ … mΔ of the smallest E (Q(x) − x)², x normal and positive."""
    return float(optimal_step("half-normal", "hwgq", m + 1).step) * np.arange(1.0, m + 1)


def optimal_levels(m: int) -> NDArray[np.float64]:
    """The m levels of the smallest E (Q(x) − x)², x normal and positive, free to lie anywhere."""
    if m == 1:
        return optimal_uniform(1)
    return np.array([float(level) for level in lloyd_max("half-normal", m).levels])
