"""Rounding of an exact ratio n/d to an integer, in every mode that a standard or an engine uses.

n and d are integers, d > 0: Python integers, or NumPy arrays of them (object arrays where 64 bits do not suffice).
Nothing is approximated, so a tie is a tie. With q = ⌊n/d⌋ and r = n − q·d the exact value is q + r/d, 0 ≤ r/d < 1,
and each mode only decides whether to add one.

Source: IEEE 754-2019 section 4.3 (half even, half away, toward zero, floor, ceil); half up and half toward zero as in
Java's RoundingMode; round to odd: Boldo and Melquiond 2008; stochastic rounding: Gupta et al. 2015 section 3.
"""

from collections.abc import Callable
from typing import Any, TypeVar

from numpy.typing import NDArray

Whole = TypeVar("Whole", int, NDArray[Any])


def half_even(n: Whole, d: Whole) -> Whole:
    """Nearest integer; a tie goes to the even neighbour: 2.5 → 2, 3.5 → 4, −2.5 → −2."""
    q = n // d
    r = n - q * d
    y: Whole = q + ((2 * r > d) | ((2 * r == d) & (q % 2 == 1)))
    return y


def half_away(n: Whole, d: Whole) -> Whole:
    """Nearest integer; a tie goes away from zero: 2.5 → 3, −2.5 → −3."""
    q = n // d
    r = n - q * d
    y: Whole = q + ((2 * r > d) | ((2 * r == d) & (n >= 0)))
    return y


def half_up(n: Whole, d: Whole) -> Whole:
    """Nearest integer; a tie goes toward +∞: 2.5 → 3, −2.5 → −2."""
    q = n // d
    r = n - q * d
    y: Whole = q + (2 * r >= d)
    return y


def half_toward_zero(n: Whole, d: Whole) -> Whole:
    """Nearest integer; a tie goes toward zero: 2.5 → 2, −2.5 → −2, 3.5 → 3."""
    q = n // d
    r = n - q * d
    y: Whole = q + ((2 * r > d) | ((2 * r == d) & (n < 0)))
    return y


def floor(n: Whole, d: Whole) -> Whole:
    """Largest integer not above: 2.9 → 2, −2.1 → −3."""
    y: Whole = n // d
    return y


def ceil(n: Whole, d: Whole) -> Whole:
    """Smallest integer not below: 2.1 → 3, −2.9 → −2."""
    y: Whole = -(-n // d)
    return y


def trunc(n: Whole, d: Whole) -> Whole:
    """Toward zero: 2.9 → 2, −2.9 → −2."""
    q = n // d
    r = n - q * d
    y: Whole = q + ((r > 0) & (n < 0))
    return y


def to_odd(n: Whole, d: Whole) -> Whole:
    """Exact integers stay; everything else goes to the odd neighbour: 2.1 → 3, 3.9 → 3, −2.5 → −3.

    Rounding to odd with at least two extra bits, and then to nearest, equals rounding to nearest once.
    """
    q = n // d
    r = n - q * d
    y: Whole = q + ((r > 0) & (q % 2 == 0))
    return y


def stochastic(n: Whole, d: Whole, word: Whole) -> Whole:
    """⌊n/d⌋ plus one with probability r/d: one is added where word · 2⁻³² < r/d, compared exactly.

    Args:
        word: uniform random 32-bit words, one a value (`qref.numerics.philox.words`).
    """
    q = n // d
    r = n - q * d
    y: Whole = q + (word * d < r * (1 << 32))
    return y


ROUNDINGS: dict[str, Callable[[Any, Any], Any]] = {
    "half-even": half_even,
    "half-away": half_away,
    "half-up": half_up,
    "half-toward-zero": half_toward_zero,
    "floor": floor,
    "ceil": ceil,
    "trunc": trunc,
    "to-odd": to_odd,
}
"""The modes that need nothing but the value; `stochastic` needs a random word beside it."""
