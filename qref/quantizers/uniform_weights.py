"""Uniform weights: the signed grid whose step is the best one for a normal of the part's own spread.

    Δ = Δ*_n·σ,    σ = √(Σ w² / N),    b = sgn(w)·min(⌊|w|/Δ + 1/2⌋, 2^(n−1) − 1)

with Δ*_n the step of least expected squared error of n bits for a unit normal: no pass over the weights but one for σ
and one for the codes.

[seed: N-bit Fixed point Quantization: HOW?, "Signed Quantization", "3-bit Quantization for Normal Distribution";
Max, "Quantizing for minimum distortion", 1960, Table II, odd numbers of levels]
"""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qref.errors import InvalidInput
from qref.numerics.philox import Stream
from qref.quantizers.encoded import Scaled
from qref.quantizers.granularity import CHANNEL, Granularity
from qref.quantizers.grid import Grid
from qref.quantizers.optimal_step import optimal_step
from qref.quantizers.root_mean_square import root_mean_square
from qref.quantizers.scheme import Scheme
from qref.quantizers.weights import finite


@dataclass(frozen=True)
class UniformWeights:
    """n bits a weight, from 2 to 8, one step a part."""

    bits: int
    granularity: Granularity = CHANNEL

    def encode(
        self, W: NDArray[np.float32], *, inputs: NDArray[Any] | None = None, stream: Stream | None = None
    ) -> Scaled:
        """The steps, rounded once to float32 (its largest number at most), and the codes on the grids of these steps.

        Raises:
            InvalidInput: W is not float32 or not finite, or bits are not 2 to 8.
        """
        W = finite("W", W)
        factor = best_step(self.bits)
        steps = np.array([root_mean_square(w, factor) for w in self.granularity.parts(W)], np.float32)
        codes = np.empty(W.shape, np.int8)
        for w, b, step in zip(self.granularity.parts(W), self.granularity.parts(codes), steps):
            b[:] = Grid("signed", self.bits, float(step)).quantize(w)
        return Scaled(codes, steps, self.granularity, self.bits)


def best_step(bits: int) -> Decimal:
    """Δ*_n. Raises InvalidInput for bits that are not 2 to 8."""
    if not 2 <= bits <= 8:
        raise InvalidInput(f"signed weights of {bits} bits: give 2 to 8 (one bit would hold 0 alone)")
    return optimal_step("normal", "signed", (1 << bits) - 1).step


UNIFORM = Scheme(
    "uniform",
    "equally spaced weights, the best step for a normal of the part's spread",
    UniformWeights,
    bits=(2, 3, 4, 5, 6, 7, 8),
    usual=8,
    granularities=("channel", "tensor", "group"),
)
