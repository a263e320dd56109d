"""Fixed point: numbers c · 2⁻ᶠ with integer codes c, and the multiplier-and-shift arithmetic of integer engines.

Sources: gemmlowp, fixedpoint/fixedpoint.h (SaturatingRoundingDoublingHighMul, RoundingDivideByPOT); TensorFlow Lite,
kernels/internal/quantization_util.cc (QuantizeMultiplier).
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction

from qref.errors import InvalidInput
from qref.numerics.rounding import half_even
from qref.numerics.saturation import saturate

INT32_MIN, INT32_MAX = -(2**31), 2**31 - 1
INT64_MIN, INT64_MAX = -(2**63), 2**63 - 1


def is_int32(value: int) -> bool:
    return INT32_MIN <= value <= INT32_MAX


@dataclass(frozen=True)
class FixedPoint:
    """Numbers c · 2^−fraction, c an integer of `bits` bits (1 to 32), signed or not.

    A signed number of one bit is −1 or 0, as two's complement has it. `fraction` may be negative or exceed `bits`.

    Raises:
        InvalidInput: `bits` is not 1 to 32.
    """

    bits: int
    signed: bool
    fraction: int

    def __post_init__(self) -> None:
        if not 1 <= self.bits <= 32:
            raise InvalidInput(f"fixed point of {self.bits} bits: give 1 to 32")

    @property
    def lowest(self) -> int:
        return -(1 << (self.bits - 1)) if self.signed else 0

    @property
    def highest(self) -> int:
        return (1 << (self.bits - self.signed)) - 1

    def encode(self, value: Fraction, rounding: Callable[[int, int], int] = half_even) -> int:
        """The code of `value`: value · 2^fraction rounded to an integer, then saturated."""
        scaled = value * Fraction(2) ** self.fraction
        return saturate(rounding(scaled.numerator, scaled.denominator), self.lowest, self.highest)

    def decode(self, code: int) -> Fraction:
        """The number that `code` stands for, exactly. Raises InvalidInput for a code that does not exist."""
        if not self.lowest <= code <= self.highest:
            raise InvalidInput(f"code {code} is outside [{self.lowest}, {self.highest}]")
        return code / Fraction(2) ** self.fraction


def quantize_multiplier(M: float) -> tuple[int, int]:
    """Multiplier m (31-bit fraction, 2³⁰ ≤ m < 2³¹) and exponent e with M ≈ m · 2^(e−31), as TFLite derives them.

    M is split into fraction and exponent, the fraction rounded to 31 bits, halves away from zero. M = 0 and everything
    below 2⁻³² (e < −31) give (0, 0): "tiny multipliers are flushed to zero".
    """
    if M == 0:
        return 0, 0
    fraction, e = math.frexp(M)
    m = math.floor(fraction * 2.0**31 + 0.5)
    if m == 2**31:
        m, e = m // 2, e + 1
    if e < -31:
        return 0, 0
    return m, e


def saturating_rounding_doubling_high_mul(a: int, b: int) -> int:
    """The high 32 bits of 2·a·b, rounded: (a·b + 2³⁰) >> 31, ties toward +∞.

    INT32_MIN · INT32_MIN is the one product that does not fit and saturates to INT32_MAX. gemmlowp writes a nudge that
    depends on the sign and a division that truncates; together they round ties toward +∞, as this shift does.
    """
    if a == INT32_MIN and b == INT32_MIN:
        return INT32_MAX
    return (a * b + (1 << 30)) >> 31


def rounding_divide_by_pot(x: int, exponent: int) -> int:
    """x · 2^−exponent, rounded to nearest, halves away from zero (exponent 0 to 31)."""
    mask = (1 << exponent) - 1
    threshold = (mask >> 1) + (x < 0)
    return (x >> exponent) + ((x & mask) > threshold)
