"""clamp(half_even(acc · x_scale · w_scale / y_scale) + zero_point), exact, in 64-bit words near ties: the rule `onnx`.

A scale is s = m · 2^(e−24) with a significand m of 24 bits. |acc| · m_x · m_w has at most 63 + 48 = 111 bits and lives
in two words; it is divided by m_y of 24 bits, 32 bits at a time; what the shift by the exponents drops, and the
remainder, decide the rounding.
"""

import math
from typing import Any

import numpy as np
from numba import boolean, float64, int64, njit, types, uint64, void
from numpy.typing import NDArray

BITS = 24
# a value of 2^17 or more saturates every output of up to 16 bits, whatever its zero point
SATURATES = 1 << 17
NEAR = 2.0**-30
"""More than four roundings of a number below 2¹⁷ lose, 2^-33."""
LOW = np.uint64(0xFFFFFFFF)
HALF_WORD = np.uint64(32)
ZERO, ONE = np.uint64(0), np.uint64(1)


def significand(scale: NDArray[np.float64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """m and e with scale = m · 2^(e − 24), 2²³ ≤ m < 2²⁴, for positive scales of at most 24 bits."""
    fraction, e = np.frexp(scale)
    return np.ldexp(fraction, BITS).astype(np.int64), e.astype(np.int64)


@njit(types.UniTuple(uint64, 2)(uint64, uint64), cache=True)
def multiply(a: Any, b: Any) -> Any:
    """a · b in two words (high, low)."""
    a1, a0, b1, b0 = a >> HALF_WORD, a & LOW, b >> HALF_WORD, b & LOW
    low = a0 * b0
    middle = a1 * b0 + (low >> HALF_WORD)
    other = a0 * b1 + (middle & LOW)
    high = a1 * b1 + (middle >> HALF_WORD) + (other >> HALF_WORD)
    return high, (other << HALF_WORD) | (low & LOW)


@njit(types.UniTuple(uint64, 3)(uint64, uint64, uint64), cache=True)
def divide(high: Any, low: Any, d: Any) -> Any:
    """Quotient (high, low) and remainder of a two-word number by d < 2³², half a word at a time."""
    q1, r = high // d, high % d
    part = (r << HALF_WORD) | (low >> HALF_WORD)
    middle, r = part // d, part % d
    part = (r << HALF_WORD) | (low & LOW)
    return q1, (middle << HALF_WORD) | (part // d), part % d


@njit(types.Tuple((uint64, boolean, boolean))(uint64, uint64, int64), cache=True)
def shift_right(high: Any, low: Any, s: int) -> Any:
    """⌊number / 2^s⌋ held to 64 bits, its first dropped bit, and whether a later one is set; 1 ≤ s ≤ 127."""
    if s > 64:
        n = np.uint64(s - 64)
        half = (high >> (n - ONE)) & ONE
        sticky = low != ZERO or (high & ((ONE << (n - ONE)) - ONE)) != ZERO
        return high >> n, half == ONE, sticky
    n = np.uint64(s)
    half = (low >> (n - ONE)) & ONE
    sticky = (low & ((ONE << (n - ONE)) - ONE)) != ZERO
    if s == 64:
        return high, half == ONE, sticky
    kept = (high << (np.uint64(64) - n)) | (low >> n)
    if high >> n != ZERO:
        kept = np.uint64(0xFFFFFFFFFFFFFFFF)
    return kept, half == ONE, sticky


@njit(int64(uint64), cache=True)
def bit_length(value: Any) -> Any:
    n = 0
    while value != ZERO:
        value >>= ONE
        n += 1
    return n


@njit(int64(int64, int64, int64, int64), cache=True)
def scaled(acc: int, m: int, e: int, m_y: int) -> Any:
    """half_even(acc · m · 2^e / m_y), held to ±2¹⁷; m of 48 bits, m_y of 24."""
    if acc == 0:
        return 0
    negative = acc < 0
    magnitude = np.uint64(acc)
    if negative:
        magnitude = ZERO - magnitude
    high, low = multiply(magnitude, np.uint64(m))
    bits = bit_length(high) + 64 if high != ZERO else bit_length(low)
    # the value lies between 2^(bits + e − 25) and 2^(bits + e − 23); what remains has −e ≤ bits − 22 < 90
    if bits + e - 25 >= 17:
        return -SATURATES if negative else SATURATES
    if bits + e - 23 < -1:
        return 0
    if e >= 0:
        q, r = (low << np.uint64(e)) // np.uint64(m_y), (low << np.uint64(e)) % np.uint64(m_y)
        half, sticky = r + r >= np.uint64(m_y), r + r > np.uint64(m_y)
    else:
        q_high, q_low, r = divide(high, low, np.uint64(m_y))
        q, half, sticky = shift_right(q_high, q_low, -e)
        sticky = sticky or r != ZERO
    if half and (sticky or q & ONE == ONE):
        q += ONE
    y = np.int64(min(q, np.uint64(SATURATES)))
    return -y if negative else y


@njit(float64(int64, float64), cache=True)
def held(acc: Any, scale: Any) -> Any:
    """acc · scale in float64, held to ±2¹⁷."""
    return min(max(np.float64(acc) * scale, -float(SATURATES)), float(SATURATES))


@njit(boolean(float64), cache=True)
def near_a_tie(real: Any) -> Any:
    """Whether what rounding lost may have moved a number over k + 1/2."""
    return abs(abs(real - np.rint(real)) - 0.5) < NEAR


@njit(void(int64[:, ::1], int64[::1], int64[::1], int64[::1], int64, int64, int64, int64, int64[:, ::1]), cache=True)
def onnx(acc: Any, pair: Any, m: Any, e: Any, m_y: int, zero_point: int, lowest: int, highest: int, y: Any) -> None:
    """y[r, j] from acc[r, j] and the scales numbered pair[r]: m = m_x · m_w, e all three exponents together.

    In float64 first, four roundings: a value below 2¹⁷ is then wrong by less than 2^-33. Only where that may lie on the
    other side of a tie are the words of 64 bits asked.
    """
    for r in range(acc.shape[0]):
        m_r, e_r = m[pair[r]], e[pair[r]]
        scale = math.ldexp(np.float64(m_r) / np.float64(m_y), e_r)
        near = 0
        for j in range(acc.shape[1]):
            real = held(acc[r, j], scale)
            nearest = np.rint(real)
            near += 1 if near_a_tie(real) else 0
            y[r, j] = min(max(np.int64(nearest) + zero_point, lowest), highest)
        if near:
            for j in range(acc.shape[1]):
                if near_a_tie(held(acc[r, j], scale)):
                    y[r, j] = min(max(scaled(acc[r, j], m_r, e_r, m_y) + zero_point, lowest), highest)
