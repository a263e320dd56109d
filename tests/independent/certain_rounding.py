"""Correct rounding of irrational numbers: mpmath's intervals from 80 digits on, until both ends round alike."""

from collections.abc import Callable
from fractions import Fraction
from typing import Any

from mpmath import iv, mp

from independent.binary_formats import BINARIES, nearest, power_of_two
from independent.extended import ZERO, Value

FAR = 5000  # beyond 2^±FAR every format overflows or underflows


def interval(x: Fraction) -> Any:
    """An enclosure of a rational."""
    return iv.mpf(x.numerator) / iv.mpf(x.denominator)


def end(raw: Any) -> Fraction:
    """An end of an interval; where it is far out of every format's range, something equally far out."""
    sign, mantissa, exponent, bits = raw
    if mantissa == 0:
        return ZERO
    top = exponent + bits
    if top > FAR:
        size = power_of_two(FAR)
    elif top < -FAR:
        size = power_of_two(-FAR)
    else:
        size = mantissa * power_of_two(exponent)
    return -size if sign else size


def correctly_rounded(compute: Callable[[], Any], dtype: str) -> Value:
    """The value that `compute` encloses by an interval of the working precision, rounded to a format."""
    for digits in (80, 160, 320, 640, 1280):
        mp.dps = iv.dps = digits
        low, high = compute()._mpi_
        low, high = (nearest(end(e), BINARIES[dtype]) for e in (low, high))
        if low == high:
            return low
    raise ArithmeticError("undecided after 1280 digits")
