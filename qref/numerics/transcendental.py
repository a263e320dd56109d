"""exp in decimal, and what is made of it: sigmoid, tanh and softmax of floats, rounded once.

Python's `decimal` rounds exp correctly to as many digits as it is asked for; here to 120. The cancellation in 1 −
e^(−2x) at the smallest subnormal of float32 costs 45 of them, so that every result holds at least 70 digits. exp of a
rational number other than 0 is transcendental (Lindemann), so no result is a tie of a float format; that one lies
within 10⁻⁶⁰ of a tie, where 70 digits would not tell its side, is beyond belief, and tests/numerics compares neighbours
near ties with mpmath.

Numbers beyond ±2000 are held there: e^(−2000) lies below half the smallest subnormal of every format here.
"""

from collections.abc import Callable, Sequence
from decimal import ROUND_HALF_EVEN, Context, Decimal, localcontext
from fractions import Fraction
from math import copysign, inf, isnan, nan

import numpy as np
from numpy.typing import NDArray

from qref.numerics.floats import nearest
from qref.numerics.formats import Float

DIGITS = 120
CONTEXT = Context(prec=DIGITS, rounding=ROUND_HALF_EVEN, Emin=-999_999, Emax=999_999)
# where quotients of tanh are compared: those of subnormal x and y differ from x/y by as little as 10⁻⁹⁰ of it
WIDE = Context(prec=200, rounding=ROUND_HALF_EVEN, Emin=-999_999, Emax=999_999)
LIMIT = 2000.0


def each(function: Callable[[float, Float], float], x: NDArray[np.float64], format: Float) -> NDArray[np.float64]:
    """`sigmoid` or `tanh` of each element."""
    return np.asarray([function(v, format) for v in x.ravel().tolist()], np.float64).reshape(x.shape)


def sigmoid(x: float, format: Float) -> float:
    """1 / (1 + e^(−x)), rounded once to `format`; NaN of NaN."""
    if isnan(x):
        return nan
    with localcontext(CONTEXT):
        return nearest(Fraction(1 / (1 + exp(-x))), format)


def tanh(x: float, format: Float) -> float:
    """(1 − e^(−2x)) / (1 + e^(−2x)), rounded once to `format`; ±0 of ±0, NaN of NaN."""
    if isnan(x):
        return nan
    with localcontext(CONTEXT):
        e = exp(-2 * abs(x))
        return copysign(nearest(Fraction((1 - e) / (1 + e)), format), x)


def tangent(x: float) -> Decimal:
    """tanh(x) to at least 70 digits in CONTEXT, 150 in WIDE; to be called in one of them."""
    e = exp(-2 * abs(x))
    return ((1 - e) / (1 + e)).copy_sign(Decimal(x))


def area_tangent(y: Decimal) -> Decimal:
    """artanh(y), −1 < y < 1, where |y| is above 10⁻⁴⁹ to as many digits as `tangent`; to be called as it is."""
    return ((1 + y) / (1 - y)).ln() / 2


def softmax(x: Sequence[float], format: Float) -> list[float]:
    """e^(xᵢ) / Σⱼ e^(xⱼ), each rounded once to `format`.

    −∞ gives 0; a row with NaN or ∞, or of −∞ alone, gives NaN everywhere.
    """
    highest = max(x, default=-inf)
    if any(isnan(v) for v in x) or highest in (inf, -inf):
        return [nan] * len(x)
    with localcontext(CONTEXT):
        powers = [exp(Decimal(v) - Decimal(highest)) for v in x]
        total = sum(powers)
        return [nearest(Fraction(power / total), format) for power in powers]


def exp(x: float | Decimal) -> Decimal:
    """e^x to the digits of the context, x held within ±LIMIT; to be called in CONTEXT or WIDE."""
    return min(max(Decimal(x), Decimal(-LIMIT)), Decimal(LIMIT)).exp()
