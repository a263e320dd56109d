"""Division and multiplication with one rounding to a float type of up to 24 bits, element by element.

Operands are numbers of that type, held in float64. Their product is exact there, and rounding their float64 quotient to
the type gives the correctly rounded quotient (qref.numerics.floats says why).

Loops and what they call stand in one file: Numba's cache of a loop does not notice a change in another.
"""

import math
from typing import Any

import numpy as np
from numba import boolean, float64, int64, njit, void

from qref.numerics.formats import Float


@njit(float64(float64, int64, int64, float64), cache=True)
def rounded(value: float, mantissa_bits: int, lowest_exponent: int, highest: float) -> float:
    """The nearest number with that many mantissa bits, half to even; infinity beyond the highest."""
    if not math.isfinite(value) or value == 0:
        return value
    _, e = math.frexp(value)
    quantum = max(e - 1, lowest_exponent) - mantissa_bits
    nearest = math.ldexp(np.rint(math.ldexp(value, -quantum)), quantum)
    if abs(nearest) > highest:
        return math.copysign(math.inf, value)
    return nearest


@njit(
    boolean(float64[::1], float64[::1], int64[::1], int64, int64, float64, int64, int64, int64[::1]),
    cache=True,
    error_model="numpy",
)
def quotients(
    x: Any,
    scale: Any,
    zero_point: Any,
    mantissa_bits: int,
    lowest_exponent: int,
    highest_number: float,
    lowest: int,
    highest: int,
    y: Any,
) -> bool:
    """y[i] = clamp(half_even(x[i] / scale[i]) + zero_point[i]); False at the first quotient that is NaN."""
    for i in range(x.size):
        a = rounded(x[i], mantissa_bits, lowest_exponent, highest_number)
        b = rounded(scale[i], mantissa_bits, lowest_exponent, highest_number)
        q = rounded(a / b, mantissa_bits, lowest_exponent, highest_number)
        if math.isnan(q):
            return False
        # ±2²⁰ lies beyond every output of up to 16 bits
        held = min(max(np.rint(q), -1048576.0), 1048576.0)
        y[i] = min(max(np.int64(held) + zero_point[i], lowest), highest)
    return True


@njit(void(float64[::1], float64[::1], int64, int64, float64, float64[::1]), cache=True)
def products(x: Any, scale: Any, mantissa_bits: int, lowest_exponent: int, highest: float, y: Any) -> None:
    """y[i] = x[i] · scale[i], in a type of at most 24 bits: in float64 the product of two of its numbers is exact."""
    for i in range(x.size):
        a = rounded(x[i], mantissa_bits, lowest_exponent, highest)
        b = rounded(scale[i], mantissa_bits, lowest_exponent, highest)
        y[i] = rounded(a * b, mantissa_bits, lowest_exponent, highest)
        # the sign of a NaN made of numbers differs from processor to processor
        if math.isnan(y[i]) and not math.isnan(a) and not math.isnan(b):
            y[i] = math.nan


def parameters(format: Float) -> tuple[int, int, float]:
    """The last three arguments of `rounded` for a format."""
    return format.mantissa_bits, format.lowest_exponent, format.highest
