"""Floats of every format, exactly: codes to values, values to codes with one rounding.

A value is carried in float64, which holds every number of every format up to float32 exactly. The product of two such
numbers is exact in float64 (24 + 24 ≤ 53 bits), so `multiply` rounds once. Their quotient is not, but rounding it
to 53 bits first does no harm: a quotient of p-bit numbers that is no tie of the p-bit format lies at least
2^−(2p+1) of itself away from one, and 53 ≥ 2·24 + 2 (Figueroa, "When is double rounding innocuous?", 1995;
tests/numerics holds it against exact rationals, subnormal results included).
"""

import math
from fractions import Fraction
from functools import cache

import numpy as np
from numpy.typing import NDArray

from qref.errors import BadTensor
from qref.numerics.formats import Float, PowerOfTwo, format_of
from qref.numerics.rounding import half_even
from qref.numerics.tensor import Tensor


def decode(x: Tensor) -> NDArray[np.float64]:
    """The value of each element in float64: exact, but for integers beyond 2⁵³.

    NaN codes give NaN; infinities and negative zeros keep their meaning.
    """
    format = x.format
    if isinstance(format, PowerOfTwo):
        value = np.ldexp(1.0, x.data.astype(np.int64) - format.bias)
        return np.where(x.data == 0xFF, np.nan, value)
    if isinstance(format, Float) and np.dtype(format.storage).kind == "u":
        values: NDArray[np.float64] = code_values(format)[x.data]
        return values
    return x.data.astype(np.float64)


@cache
def code_values(format: Float) -> NDArray[np.float64]:
    """The value of every code of a format of up to 16 bits, in the order of the codes."""
    code = np.arange(1 << format.bits, dtype=np.int64)
    fraction = code & ((1 << format.mantissa_bits) - 1)
    exponent = (code >> format.mantissa_bits) & ((1 << format.exponent_bits) - 1)
    negative = (code >> (format.bits - 1)) == 1
    subnormal = exponent == 0
    significand = np.where(subnormal, fraction, fraction + (1 << format.mantissa_bits))
    power = np.where(subnormal, 1, exponent) - format.bias - format.mantissa_bits
    value: NDArray[np.float64] = np.ldexp(significand.astype(np.float64), power)
    all_ones = exponent == (1 << format.exponent_bits) - 1
    if format.specials == "ieee":
        value[all_ones] = np.where(fraction[all_ones] == 0, np.inf, np.nan)
    if format.specials == "fn":
        value[all_ones & (fraction == (1 << format.mantissa_bits) - 1)] = np.nan
    value = np.where(negative, -value, value).astype(np.float64)
    if format.specials == "fnuz":
        value[1 << (format.bits - 1)] = np.nan
    value.flags.writeable = False  # kept and shared
    return value


def round_to(values: NDArray[np.float64], format: Float) -> NDArray[np.float64]:
    """Each value rounded to the precision of `format`, half to even, subnormals kept.

    Values that round beyond the largest finite number become ±∞, whether or not the format has an infinity.
    """
    finite = np.isfinite(values)
    numbers = np.where(finite, values, 0.0)
    _, e = np.frexp(numbers)
    # frexp's fraction is in [1/2, 1): its leading bit has exponent e − 1
    quantum = np.maximum(e - 1, format.lowest_exponent) - format.mantissa_bits
    with np.errstate(over="ignore"):
        rounded = np.ldexp(np.rint(np.ldexp(numbers, -quantum)), quantum)
    rounded = np.where(np.abs(rounded) > format.highest, np.copysign(np.inf, values), rounded)
    return np.where(finite, rounded, values)


def nearest(value: Fraction, format: Float) -> float:
    """The number of `format` nearest to an exact value, half to even: `round_to` for one rational, to be read.

    A number of the binade [2^e, 2^(e+1)) is a multiple of 2^(e − mantissa_bits), a subnormal one of the smallest
    such step.
    """
    if value == 0:
        return 0.0
    e = floor_log2(abs(value))
    step = Fraction(2) ** (max(e, format.lowest_exponent) - format.mantissa_bits)
    ratio = value / step
    rounded = half_even(ratio.numerator, ratio.denominator) * step
    if abs(rounded) > Fraction(format.highest):
        return math.inf if value > 0 else -math.inf
    return float(rounded)


def floor_log2(value: Fraction) -> int:
    """The largest e with 2^e ≤ value, for value > 0."""
    e = value.numerator.bit_length() - value.denominator.bit_length()
    return e if Fraction(2) ** e <= value else e - 1


def encode(values: NDArray[np.float64], dtype: str, saturate: bool = False) -> Tensor:
    """The tensor of format `dtype` nearest to `values`, half to even.

    What rounds beyond the largest finite number, and infinity: the largest finite number with `saturate` or in a format
    where every code is a number, else infinity where the format has one, else NaN. NaN gives NaN; −0 gives 0 where the
    format has no −0.

    Raises:
        BadTensor: `dtype` is no float format with a sign, or NaN meets a format without NaN.
    """
    format = float_format(dtype)
    rounded = round_to(values, format)
    if saturate or format.specials == "finite":
        rounded = np.where(np.isnan(rounded), rounded, np.clip(rounded, -format.highest, format.highest))
    if np.dtype(format.storage).kind == "f":
        return Tensor(dtype, rounded.astype(format.storage))
    return Tensor(dtype, codes(rounded, format).astype(format.storage))


def float_format(dtype: str) -> Float:
    """The signed float format called `dtype`. Raises BadTensor for any other."""
    format = format_of(dtype)
    if not isinstance(format, Float):
        raise BadTensor(f"dtype {dtype!r} is no float format with a sign")
    return format


def codes(values: NDArray[np.float64], format: Float) -> NDArray[np.int64]:
    """The code of each value, which the format must hold exactly (or which is ±∞ or NaN)."""
    magnitude = np.abs(np.where(np.isfinite(values), values, 0.0))
    _, e = np.frexp(magnitude)
    exponent = np.where(magnitude == 0, format.lowest_exponent, np.maximum(e - 1, format.lowest_exponent))
    significand = np.ldexp(magnitude, format.mantissa_bits - exponent).astype(np.int64)
    # a subnormal has no hidden bit, and its biased exponent is 0 instead of 1
    code: NDArray[np.int64] = significand + ((exponent + format.bias - 1) << format.mantissa_bits)
    sign = np.signbit(values).astype(np.int64) << (format.bits - 1)
    if format.specials == "ieee":
        infinity = ((1 << format.exponent_bits) - 1) << format.mantissa_bits
        code = np.where(np.isinf(values), infinity, code) | sign
        return np.where(np.isnan(values), infinity | (1 << (format.mantissa_bits - 1)), code)
    if format.specials == "fnuz":
        not_a_number = 1 << (format.bits - 1)
        code = np.where(code == 0, 0, code | sign)
        return np.where(np.isfinite(values), code, not_a_number)
    if format.specials == "fn":
        return np.where(np.isfinite(values), code | sign, sign | ((1 << (format.bits - 1)) - 1))
    if not np.isfinite(values).all():
        raise BadTensor(f"{format.name} has neither infinity nor NaN: clamp, or leave such values out")
    finite: NDArray[np.int64] = code | sign
    return finite


def divide(x: NDArray[np.float64], y: NDArray[np.float64], format: Float) -> NDArray[np.float64]:
    """x / y with one rounding to `format`; x and y hold numbers of `format`, up to float32."""
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        quotient: NDArray[np.float64] = x / y
    return round_to(one_nan(quotient, x, y), format)


def multiply(x: NDArray[np.float64], y: NDArray[np.float64], format: Float) -> NDArray[np.float64]:
    """x · y with one rounding to `format`; x and y hold numbers of `format`, up to float32."""
    with np.errstate(invalid="ignore", over="ignore"):
        product: NDArray[np.float64] = x * y
    return round_to(one_nan(product, x, y), format)


def add(x: NDArray[np.float64], y: NDArray[np.float64], format: Float) -> NDArray[np.float64]:
    """x + y with one rounding to `format`; x and y hold numbers of `format`, up to float32.

    A sum rounded to 53 bits first comes out right for the reason that a quotient does. Every NaN is the positive one:
    which of two, and with what sign, differs from processor to processor.
    """
    with np.errstate(invalid="ignore", over="ignore"):
        total: NDArray[np.float64] = x + y
    return round_to(np.where(np.isnan(total), np.nan, total), format)


def one_nan(result: NDArray[np.float64], x: NDArray[np.float64], y: NDArray[np.float64]) -> NDArray[np.float64]:
    """The result with the positive NaN where x and y are numbers: its sign differs from processor to processor."""
    made = np.isnan(result) & ~np.isnan(x) & ~np.isnan(y)
    return np.where(made, np.nan, result)
