"""Logarithmic weights: a sign and a power of two, the largest power the one nearest to the part's largest weight.

    w ≈ (−1)^S × {0, p, 2p, 4p, … 2^(K−1)·p},    K = 2^(n−1) − 1,    2^(K−1)·p = the power of two nearest to max |w|

A product with such a weight is a shift. The code has the sign in its highest bit and below it the place among the
powers, the code of N = n − 1 bits of `qref.quantizers.logarithmic`.

[seed: N-bit Fixed point Quantization: HOW?, column "Logarithmic", with a sign; the largest power: Zhou et al.,
"Incremental network quantization", 2017, eq. 3, n₁ = ⌊log₂(4s/3)⌋, s = max |w|]
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qref.errors import InvalidInput
from qref.numerics.philox import Stream
from qref.quantizers.granularity import CHANNEL, Granularity
from qref.quantizers.logarithmic import nearest_power
from qref.quantizers.scaled_codebook import ScaledCodebook
from qref.quantizers.scheme import Scheme
from qref.quantizers.weights import finite

LEAST, MOST = -149, 127  # exponents of float32's powers of two


@dataclass(frozen=True)
class LogarithmicWeights:
    """n bits a weight, from 2 to 8, one power of two a part."""

    bits: int
    granularity: Granularity = CHANNEL

    def encode(
        self, W: NDArray[np.float32], *, inputs: NDArray[Any] | None = None, stream: Stream | None = None
    ) -> ScaledCodebook:
        """The codes of the nearest values, exact; halfway between two powers the larger, half the least power 0.

        No rounded number stands between a weight and its code. Zeros of either sign have code 0, and so has all of a
        part of zeros, whose codebook is 0.

        Raises:
            InvalidInput: W is not float32 or not finite, or bits are not 2 to 8.
        """
        W = finite("W", W)
        K = places(self.bits)
        codebooks = np.array([codebook(w, K) for w in self.granularity.parts(W)], np.float32).reshape(-1, 2 * K + 2)
        codes = np.empty(W.shape, np.uint8)
        for w, b, values in zip(self.granularity.parts(W), self.granularity.parts(codes), codebooks):
            # the least power: of those that float32 holds where it does not hold them all
            lowest = np.float32(values[1 : K + 1][values[1 : K + 1] > 0].min(initial=np.inf))
            missing = int((values[1 : K + 1] == 0).sum())
            if missing == K:
                b[:] = 0
                continue
            c = nearest_power(np.abs(w), lowest, K - missing)
            c = np.where(c > 0, c + missing, 0)
            b[:] = np.where((w < 0) & (c > 0), c + K + 1, c)
        return ScaledCodebook(codes, codebooks, self.granularity, self.bits, scales=codebooks[:, K].copy())


def places(bits: int) -> int:
    """K, the number of powers. Raises InvalidInput for bits that are not 2 to 8."""
    if not 2 <= bits <= 8:
        raise InvalidInput(f"logarithmic weights of {bits} bits: give 2 to 8, a sign and 1 to 7 for the power")
    return (1 << (bits - 1)) - 1


def codebook(w: NDArray[np.float32], K: int) -> NDArray[np.float32]:
    """0, the K powers in rising order, and the same below zero; a power below 2^−149 is 0, and never coded."""
    if not w.size or not w.any():
        return np.zeros(2 * K + 2, np.float32)
    exponents = highest(float(np.abs(w).max())) - np.arange(K - 1, -1, -1)
    positive = np.where(exponents >= LEAST, np.ldexp(1.0, np.maximum(exponents, LEAST)), 0.0)
    half = np.concatenate([[0.0], positive])
    return np.concatenate([half, np.where(half > 0, -half, 0.0)]).astype(np.float32)


def highest(s: float) -> int:
    """The exponent of the power of two nearest to s > 0, halfway the larger: ⌊log₂(4s/3)⌋, at most 127."""
    f, q = np.frexp(s)
    return min(int(q) - 1 + int(f >= 0.75), MOST)


LOGARITHMIC = Scheme(
    "logarithmic",
    "a sign and a power of two, the largest the one nearest to the part's largest weight",
    LogarithmicWeights,
    bits=(2, 3, 4, 5, 6, 7, 8),
    usual=4,
    granularities=("channel", "tensor", "group"),
)
