"""Functions of one number that loops can make vectors of: exp by a polynomial in float32, by the library in float64.

Reduction and coefficients of exp and tanh are those of the Cephes library (Moshier: expf, tanhf); the errors are below
one and three units in the last place.
"""

import math
from typing import Any

import numpy as np
from numba import njit

LOG2_E = np.float32(1.44269504088896341)
LN2_HIGH, LN2_LOW = np.float32(0.693359375), np.float32(-2.12194440e-4)
LOWEST = np.float32(-104.0)
"""exp of it, and of all below, rounds to 0."""
ROUNDING = np.float32(3 << 22)
"""A number added to it is rounded to a whole one, which then stands in its last bits."""
BITS = ROUNDING.view(np.int32)
BIAS, MANTISSA = np.int32(127), np.int32(23)
ZERO, ONE, TWO = np.float32(0), np.float32(1), np.float32(2)
E0, E1, E2, E3, E4, E5 = np.array(
    [1.9875691500e-4, 1.3981999507e-3, 8.3334519073e-3, 4.1665795894e-2, 1.6666665459e-1, 5.0000001201e-1], np.float32
)
T0, T1, T2, T3, T4 = np.array(
    [-5.70498872745e-3, 2.06390887954e-2, -5.37397155531e-2, 1.33314422036e-1, -3.33332819422e-1], np.float32
)
SMALL = np.float32(0.625)
"""Below, tanh is its polynomial."""


@njit
def power_of_two(n: Any) -> Any:
    """2ⁿ for int32 −126 ≤ n ≤ 127."""
    return np.int32(np.int32(n + BIAS) << MANTISSA).view(np.float32)


@njit
def exponential(x: Any) -> Any:
    """eˣ for float32 x ≤ 0, NaN of NaN; subnormal results are rounded once more."""
    held = LOWEST if x < LOWEST else x
    shifted = held * LOG2_E + ROUNDING
    n = shifted - ROUNDING
    whole = np.int32(np.float32(shifted).view(np.int32) - BITS)
    r = held - n * LN2_HIGH - n * LN2_LOW
    p = ((((E0 * r + E1) * r + E2) * r + E3) * r + E4) * r + E5
    # 2ⁿ itself may be too small for a normal number
    half = np.int32(whole >> np.int32(1))
    return (p * (r * r) + r + ONE) * power_of_two(half) * power_of_two(np.int32(whole - half))


@njit
def logistic_float32(x: Any) -> Any:
    """1 / (1 + e⁻ˣ), from e to the power −|x|."""
    e = exponential(-abs(x))
    return (e if x < ZERO else ONE) / (ONE + e)


@njit(error_model="numpy")
def logistic_float64(x: Any) -> Any:
    """1 / (1 + e⁻ˣ)."""
    return 1 / (1 + np.exp(-x))


@njit
def hyperbolic_float32(x: Any) -> Any:
    """tanh(x): (1 − e^(−2|x|)) / (1 + e^(−2|x|)) with the sign of x, near 0 a polynomial."""
    z, e = x * x, exponential(-TWO * abs(x))
    p = (((T0 * z + T1) * z + T2) * z + T3) * z + T4
    large = (ONE - e) / (ONE + e)
    return x * (ONE + z * p) if abs(x) < SMALL else (-large if x < ZERO else large)


@njit
def hyperbolic_float64(x: Any) -> Any:
    """tanh(x)."""
    return math.tanh(x)


@njit
def clamped(x: Any, low: Any, high: Any) -> Any:
    """min(max(x, low), high), NaN of NaN."""
    above = low if x < low else x
    return high if high < above else above
