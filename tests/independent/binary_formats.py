"""Binary interchange formats of IEEE 754 (and bfloat16): bits to values, values to bits, rounding.

A format is its precision p and its largest exponent; everything else follows (754 table 3.5, section 3.4).
"""

from dataclasses import dataclass
from fractions import Fraction

from independent.extended import INF, MINUS_INF, MINUS_ZERO, NAN, ZERO, Value, is_negative


@dataclass(frozen=True)
class Binary:
    width: int
    p: int

    @property
    def exponent_width(self) -> int:
        return self.width - self.p

    @property
    def emax(self) -> int:
        return 2 ** (self.exponent_width - 1) - 1

    @property
    def emin(self) -> int:
        return 1 - self.emax

    @property
    def least_exponent(self) -> int:
        """The smallest subnormal is 2 to this."""
        return self.emin - (self.p - 1)

    @property
    def tiny(self) -> Fraction:
        return power_of_two(self.least_exponent)

    @property
    def unit_roundoff(self) -> Fraction:
        return power_of_two(-self.p)

    @property
    def largest(self) -> Fraction:
        return (2**self.p - 1) * power_of_two(self.emax - (self.p - 1))


BINARIES = {
    "float16": Binary(16, 11),
    "bfloat16": Binary(16, 8),
    "float32": Binary(32, 24),
    "float64": Binary(64, 53),
}


def power_of_two(e: int) -> Fraction:
    return Fraction(2**e) if e >= 0 else Fraction(1, 2**-e)


def decode(code: int, b: Binary) -> Value:
    """The value of an encoding."""
    negative = code >> (b.width - 1) == 1
    biased = (code >> (b.p - 1)) & (2**b.exponent_width - 1)
    fraction = code & (2 ** (b.p - 1) - 1)
    if biased == 2**b.exponent_width - 1:
        if fraction:
            return NAN
        return MINUS_INF if negative else INF
    if biased == 0:
        value = fraction * b.tiny
    else:
        value = (2 ** (b.p - 1) + fraction) * power_of_two(biased - b.emax - (b.p - 1))
    if value == 0:
        return MINUS_ZERO if negative else ZERO
    return -value if negative else value


def encode(value: Value, b: Binary) -> int:
    """The encoding of a value that the format has. NaN: the quiet one with a zero payload."""
    top = 2**b.exponent_width - 1
    if value is NAN:
        return (top << (b.p - 1)) | (1 << (b.p - 2))
    sign = int(is_negative(value)) << (b.width - 1)
    if value is INF or value is MINUS_INF:
        return sign | (top << (b.p - 1))
    if value is MINUS_ZERO or value == ZERO:
        return sign
    assert isinstance(value, Fraction)
    size = abs(value)
    e = max(floor_log2(size), b.emin)
    significand = size / power_of_two(e - (b.p - 1))
    assert significand.denominator == 1 and significand < 2**b.p and e <= b.emax, f"{value} is not in the format"
    if significand < 2 ** (b.p - 1):
        return sign | int(significand)
    return sign | ((e + b.emax) << (b.p - 1)) | (int(significand) - 2 ** (b.p - 1))


def floor_log2(size: Fraction) -> int:
    """The e with 2^e ≤ size < 2^(e+1)."""
    e = size.numerator.bit_length() - size.denominator.bit_length()
    if e >= 0:
        return e if size.numerator >= size.denominator << e else e - 1
    return e if size.numerator << -e >= size.denominator else e - 1


def neighbours(exact: Fraction, b: Binary) -> tuple[int, int, int]:
    """The two multiples of the last place that enclose a number: (lower, lower + 1, their exponent).

    lower · 2^exponent ≤ exact ≤ upper · 2^exponent; equal when the format has the number. Exponents have no upper end.
    """
    exponent = b.least_exponent if exact == 0 else max(floor_log2(abs(exact)), b.emin) - (b.p - 1)
    scaled = exact / power_of_two(exponent)
    lower = scaled.numerator // scaled.denominator
    return lower, lower if lower == scaled else lower + 1, exponent


def nearest(value: Value, b: Binary) -> Value:
    """roundTiesToEven (754 section 4.3.1): the nearer of the two neighbours, at a tie the even one."""
    if not isinstance(value, Fraction):
        return value
    lower, upper, exponent = neighbours(value, b)
    below = value - lower * power_of_two(exponent)
    above = upper * power_of_two(exponent) - value
    if below == above:
        chosen = lower if lower % 2 == 0 else upper
    else:
        chosen = lower if below < above else upper
    rounded = chosen * power_of_two(exponent)
    if abs(rounded) > b.largest:
        return INF if rounded > 0 else MINUS_INF
    if rounded == 0 and value < 0:
        return MINUS_ZERO
    return rounded
