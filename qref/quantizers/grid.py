"""Grids of equally spaced levels: signed, unsigned and mid-rise, with one step Δ.

    signed    {−(2^(n−1) − 1)Δ, … −Δ, 0, Δ, … (2^(n−1) − 1)Δ}        weights and activations
    unsigned  {0, Δ, … (2^n − 1)Δ}                                   activations
    mid-rise  {±Δ/2, ±3Δ/2, … ±(2^n − 1)Δ/2}                         no zero, all 2^n codes used

[seed: N-bit Fixed point Quantization: HOW?, "Signed Quantization", "Unsigned Quantization"; rounding: seed,
B = sgn(w)·min(⌊|w|/α + 0.5⌋, …); mid-rise: Max, "Quantizing for minimum distortion", 1960, even numbers of levels;
backward: Cai et al., "Deep learning with low precision by half-wave Gaussian quantization", 2017, the clipped ReLU]
"""

from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qref.errors import InvalidInput
from qref.numerics.floats import float_format, nearest
from qref.quantizers.empirical_step import empirical_step
from qref.quantizers.weights import finite

KINDS = ("signed", "unsigned", "mid-rise")
MOST = 16
FLOAT32 = float_format("float32")
LARGEST = Fraction(FLOAT32.highest)


@dataclass(frozen=True)
class Grid:
    """A kind of grid with codes of `bits` bits and a step, a float32 number.

    A signed code is the multiple of Δ, an unsigned one as well; a mid-rise code k stands for (k + 1/2)Δ,
    −2^(n−1) ≤ k < 2^(n−1). With step 0 every number is 0 and has code 0.

    Raises:
        InvalidInput: a kind or a number of bits that there is not, or a step that is negative or not finite.
    """

    kind: str
    bits: int
    step: float

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise InvalidInput(f"grid {self.kind!r} is not one of {', '.join(KINDS)}")
        least = 2 if self.kind == "signed" else 1
        if not least <= self.bits <= MOST:
            raise InvalidInput(f"a {self.kind} grid of {self.bits} bits: give {least} to {MOST}")
        if not 0 <= self.step < np.inf or float(np.float32(self.step)) != self.step:
            raise InvalidInput(f"step {self.step}: give a float32 number, 0 or above")

    @property
    def top(self) -> int:
        """The largest code."""
        return (1 << self.bits) - 1 if self.kind == "unsigned" else (1 << (self.bits - 1)) - 1

    @property
    def codes(self) -> NDArray[np.int32]:
        """Every code, in rising order."""
        lowest = {"signed": -self.top, "unsigned": 0, "mid-rise": -self.top - 1}[self.kind]
        return np.arange(lowest, self.top + 1, dtype=np.int32)

    def fit(self, x: NDArray[np.float32]) -> "Grid":
        """The same kind of grid with the step of least squared error over x, in float32 (its largest at most)."""
        return Grid(self.kind, self.bits, nearest(min(empirical_step(x, self.kind, self.bits), LARGEST), FLOAT32))

    def quantize(self, x: NDArray[np.float32]) -> NDArray[np.int32]:
        """The code of the nearest level, beyond the last one that; halfway the level farther from zero.

        Zero of either sign lies halfway between −Δ/2 and Δ/2 of a mid-rise grid: it counts as positive.

        Raises:
            InvalidInput: x is not float32 or not finite.
        """
        x = finite("x", x)
        if self.step == 0:
            return np.zeros(x.shape, np.int32)
        # exact: a quotient of float32 numbers is no half integer, or lies 2⁻⁴¹ of itself away from it, or farther
        q = np.abs(x).astype(np.float64) / self.step
        if self.kind == "mid-rise":
            k = np.minimum(np.floor(q), self.top).astype(np.int32)
            return np.where(x < 0, -1 - k, k).astype(np.int32)
        k = np.minimum(np.floor(q + 0.5), self.top).astype(np.int32)
        return np.where(x < 0, 0 if self.kind == "unsigned" else -k, k).astype(np.int32)

    def dequantize(self, codes: NDArray[Any]) -> NDArray[np.float32]:
        """The level of each code, rounded once to float32.

        Raises:
            InvalidInput: a code that the grid does not have.
        """
        known = self.codes
        if codes.size and not known[0] <= codes.min() <= codes.max() <= known[-1]:
            raise InvalidInput(f"codes from {codes.min()} to {codes.max()}: the grid has {known[0]} to {known[-1]}")
        half = 0.5 if self.kind == "mid-rise" else 0.0
        with np.errstate(over="ignore"):
            return ((codes.astype(np.float64) + half) * self.step).astype(np.float32)

    def backward(self, x: NDArray[np.float32], gradient: NDArray[np.float32]) -> NDArray[np.float32]:
        """The gradient where x lies inside the range of the levels, 0 elsewhere (straight-through).

        Inside is up to the last level as its code stands for it, it included; an unsigned grid passes nothing at
        x ≤ 0, as a ReLU.

        Raises:
            InvalidInput: x or gradient is not float32 or not finite, or their shapes differ.
        """
        x, gradient = finite("x", x), finite("gradient", gradient)
        if x.shape != gradient.shape:
            raise InvalidInput(
                f"gradient has shape {list(gradient.shape)} and x {list(x.shape)}: they must be the same"
            )
        inside = np.abs(x) <= self.last
        if self.kind == "unsigned":
            inside &= x > 0
        return np.where(inside, gradient, np.float32(0))

    @property
    def last(self) -> np.float32:
        """The last level, rounded once to float32."""
        level: np.float32 = self.dequantize(self.codes[-1:])[0]
        return level
