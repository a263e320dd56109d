"""Real numbers as exact rationals, extended by what IEEE 754 adds: −0, ±∞, NaN. No operation here rounds.

A value is a `Fraction` (+0 included) or a `Special`. Zero results of exact sums follow 754 section 6.3: +0, unless
every term is −0.
"""

from collections.abc import Iterable
from enum import Enum
from fractions import Fraction


class Special(Enum):
    NAN = "NaN"
    PLUS_INFINITY = "+inf"
    MINUS_INFINITY = "-inf"
    MINUS_ZERO = "-0"


NAN = Special.NAN
INF = Special.PLUS_INFINITY
MINUS_INF = Special.MINUS_INFINITY
MINUS_ZERO = Special.MINUS_ZERO
ZERO = Fraction(0)
ONE = Fraction(1)

Value = Fraction | Special


def is_infinite(a: Value) -> bool:
    return a is INF or a is MINUS_INF


def is_finite(a: Value) -> bool:
    return a is MINUS_ZERO or isinstance(a, Fraction)


def is_zero(a: Value) -> bool:
    return a is MINUS_ZERO or a == ZERO


def real(a: Value) -> Fraction:
    """The real number that a finite value is."""
    if isinstance(a, Fraction):
        return a
    assert a is MINUS_ZERO
    return ZERO


def is_negative(a: Value) -> bool:
    """The sign bit of a number that is no NaN."""
    return a is MINUS_ZERO or a is MINUS_INF or (isinstance(a, Fraction) and a < 0)


def less(a: Value, b: Value) -> bool:
    """a < b; false where one is NaN."""
    if a is NAN or b is NAN:
        return False
    if a is INF or b is MINUS_INF:
        return False
    if a is MINUS_INF or b is INF:
        return True
    return real(a) < real(b)


def negated(a: Value) -> Value:
    if a is NAN:
        return NAN
    if is_infinite(a):
        return INF if a is MINUS_INF else MINUS_INF
    if is_zero(a):
        return ZERO if a is MINUS_ZERO else MINUS_ZERO
    return -a


def magnitude(a: Value) -> Value:
    return negated(a) if is_negative(a) else a


def signed(magnitude_: Value, negative: bool) -> Value:
    return negated(magnitude_) if negative else magnitude_


def total(terms: Iterable[Value]) -> Value:
    """The exact sum of all terms."""
    terms = list(terms)
    if any(t is NAN for t in terms):
        return NAN
    up, down = any(t is INF for t in terms), any(t is MINUS_INF for t in terms)
    if up or down:
        return NAN if up and down else (INF if up else MINUS_INF)
    if terms and all(t is MINUS_ZERO for t in terms):
        return MINUS_ZERO
    return sum((real(t) for t in terms), ZERO)


def plus(a: Value, b: Value) -> Value:
    return total((a, b))


def minus(a: Value, b: Value) -> Value:
    return total((a, negated(b)))


def times(a: Value, b: Value) -> Value:
    if a is NAN or b is NAN:
        return NAN
    negative = is_negative(a) != is_negative(b)
    if is_infinite(a) or is_infinite(b):
        return NAN if is_zero(a) or is_zero(b) else signed(INF, negative)
    if is_zero(a) or is_zero(b):
        return signed(ZERO, negative)
    return a * b


def over(a: Value, b: Value) -> Value:
    if a is NAN or b is NAN or (is_infinite(a) and is_infinite(b)) or (is_zero(a) and is_zero(b)):
        return NAN
    negative = is_negative(a) != is_negative(b)
    if is_infinite(a) or is_zero(b):
        return signed(INF, negative)
    if is_infinite(b) or is_zero(a):
        return signed(ZERO, negative)
    return a / b
