"""Lloyd–Max weights: the best levels for a normal, stretched to the part's own spread.

    C = σ·Y*_n,    σ = √(Σ w² / N),    b = the code of the nearest level

with Y*_n the 2^n levels of least expected squared error for a unit normal, in rising order.

[seed: N-bit Fixed point Quantization: HOW?, column "Non-uniform"; Max, "Quantizing for minimum distortion", 1960,
Table I]
"""

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qref.errors import InvalidInput
from qref.numerics.floats import nearest
from qref.numerics.philox import Stream
from qref.quantizers import non_uniform
from qref.quantizers.granularity import CHANNEL, Granularity
from qref.quantizers.lloyd_max import lloyd_max
from qref.quantizers.root_mean_square import FLOAT32, root_mean_square
from qref.quantizers.scaled_codebook import ScaledCodebook
from qref.quantizers.scheme import Scheme
from qref.quantizers.weights import finite


@dataclass(frozen=True)
class LloydMaxWeights:
    """n bits a weight, from 1 to 8, one spread a part."""

    bits: int
    granularity: Granularity = CHANNEL

    def encode(
        self, W: NDArray[np.float32], *, inputs: NDArray[Any] | None = None, stream: Stream | None = None
    ) -> ScaledCodebook:
        """σ, rounded once to float32; σ·Y*_n, each rounded once; the code of the nearest of these, halfway the larger.

        In a part of zeros all levels are 0, and all codes.

        Raises:
            InvalidInput: W is not float32 or not finite, or bits are not 1 to 8.
        """
        W = finite("W", W)
        sigma = np.array([root_mean_square(w) for w in self.granularity.parts(W)], np.float32)
        codebooks = stretched(sigma, self.bits)
        codes = np.empty(W.shape, np.uint8)
        for w, b, codebook in zip(self.granularity.parts(W), self.granularity.parts(codes), codebooks):
            b[:] = non_uniform.encode(w, codebook)
        return ScaledCodebook(codes, codebooks, self.granularity, self.bits, scales=sigma)


def stretched(sigma: NDArray[np.float32], bits: int) -> NDArray[np.float32]:
    """σ·Y*_n of each part, rounded once, ± float32's largest number at most: [parts, 2^n]."""
    unit = [Fraction(level) for level in levels(bits)]
    books = [[nearest(Fraction(float(s)) * level, FLOAT32) for level in unit] for s in sigma]
    return np.clip(books, -FLOAT32.highest, FLOAT32.highest).astype(np.float32).reshape(sigma.size, len(unit))


def levels(bits: int) -> tuple[Decimal, ...]:
    """Y*_n. Raises InvalidInput for bits that are not 1 to 8."""
    if not 1 <= bits <= 8:
        raise InvalidInput(f"Lloyd–Max weights of {bits} bits: give 1 to 8")
    return lloyd_max("normal", 1 << bits).levels


LLOYD_MAX = Scheme(
    "lloyd-max",
    "the best levels for a normal of the part's spread",
    LloydMaxWeights,
    bits=(1, 2, 3, 4, 5, 6, 7, 8),
    usual=4,
    granularities=("channel", "tensor", "group"),
)
