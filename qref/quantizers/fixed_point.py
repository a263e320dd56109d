"""Fixed point as sign and magnitude: one bit of sign, a mantissa, and the number of its bits behind the point.

    (−1)^S × M        here (−1)^S × M × 2^(−f), M of m bits, f of them fraction bits

[seed: Fixed point Quantization, "(−1)^S × M"]
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qref.errors import InvalidInput
from qref.quantizers.weights import finite, known


@dataclass(frozen=True)
class FixedPoint:
    """A format: `mantissa_bits` bits of magnitude, `fraction_bits` of them behind the point (beyond them: fewer, more).

    Raises:
        InvalidInput: no mantissa bit, more than 16 bits in all, or numbers that float32 does not hold.
    """

    mantissa_bits: int
    fraction_bits: int

    def __post_init__(self) -> None:
        if not 1 <= self.mantissa_bits <= 15:
            raise InvalidInput(f"a sign and {self.mantissa_bits} mantissa bits: give 1 to 15 of them")
        if self.fraction_bits > 149 or self.mantissa_bits - self.fraction_bits > 128:
            raise InvalidInput(
                f"{self.mantissa_bits} mantissa bits in units of 2^{-self.fraction_bits}: "
                "float32 holds 2^-149 to below 2^128"
            )

    @property
    def bits(self) -> int:
        return 1 + self.mantissa_bits

    @property
    def highest(self) -> int:
        """The largest mantissa."""
        return (1 << self.mantissa_bits) - 1

    def encode(self, x: NDArray[np.float32]) -> NDArray[np.uint16]:
        """S·2^m + M, M = |x|·2^f to the nearest integer, half to even, at most 2^m − 1; −0 keeps its sign.

        Raises:
            InvalidInput: x is not float32 or not finite.
        """
        x = finite("x", x)
        M = np.minimum(np.rint(np.ldexp(np.abs(x).astype(np.float64), self.fraction_bits)), self.highest)
        return (M.astype(np.int64) + (np.signbit(x).astype(np.int64) << self.mantissa_bits)).astype(np.uint16)

    def decode(self, codes: NDArray[Any]) -> NDArray[np.float32]:
        """The number of each code, exact.

        Raises:
            InvalidInput: a code of more bits than the format has.
        """
        known(codes, 1 << self.bits, f"of a format of {self.bits} bits")
        magnitude = np.ldexp((codes & self.highest).astype(np.float64), -self.fraction_bits)
        return np.where(codes > self.highest, -magnitude, magnitude).astype(np.float32)

    def values(self) -> NDArray[np.float32]:
        """Every number, in the order of the codes: 0 to the largest, then −0 to the least."""
        return self.decode(np.arange(1 << self.bits))
