"""Numbers of few bits: every number of the format listed from its definition, and the nearest one looked for."""

from fractions import Fraction
from functools import cache
from typing import Any

from independent.extended import MINUS_ZERO, Special, Value
from independent.refusal import refuse_unless
from independent.schemes.scheme import integers, numbers, whole
from independent.tensors import Tensor, rounded

LARGEST = (2 - Fraction(1, 2**23)) * 2**127
SMALLEST = Fraction(1, 2**149)


@cache
def floating(e: int, m: int, bias: int) -> list[Fraction]:
    """The magnitudes in the order of their codes."""
    refuse_unless(e >= 1 and m >= 0 and 1 + e + m <= 16, "no such format")
    found = []
    for exponent in range(2**e):
        for mantissa in range(2**m):
            fraction = Fraction(mantissa, 2**m)
            if exponent == 0:
                found.append(fraction * Fraction(2) ** (1 - bias))
            else:
                found.append((1 + fraction) * Fraction(2) ** (exponent - bias))
    refuse_unless(found[-1] <= LARGEST and found[1] >= SMALLEST, "numbers that float32 does not hold")
    return found


@cache
def fixed(m: int, f: int) -> list[Fraction]:
    refuse_unless(1 <= m <= 15, "no such format")
    found = [M * Fraction(2) ** -f for M in range(2**m)]
    refuse_unless(found[-1] <= LARGEST and found[1] >= SMALLEST, "numbers that float32 does not hold")
    return found


def nearest(x: Fraction, magnitudes: list[Fraction], even: Any) -> int:
    """The place of the magnitude nearest to x >= 0, of two the one that `even` chooses; found by halving."""
    low, high = 0, len(magnitudes) - 1
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if magnitudes[middle] <= x else (low, middle)
    below, above = x - magnitudes[low], magnitudes[high] - x
    if below == above:
        return even(low, high)
    return low if below < above else high


def encode(x: Tensor | None, magnitudes: list[Fraction], even: Any) -> list[Tensor]:
    values = numbers(x)
    assert x is not None
    signs = [v is Special.MINUS_ZERO or (not isinstance(v, Special) and v < 0) for v in x.values]
    codes = [nearest(abs(v), magnitudes, even) + len(magnitudes) * s for v, s in zip(values, signs)]
    return [integers("uint16", x.shape, codes)]


def decode(codes: Tensor | None, magnitudes: list[Fraction]) -> list[Tensor]:
    found: list[Value] = []
    for code in whole(codes, "uint16"):
        refuse_unless(code < 2 * len(magnitudes), "a code beyond the format")
        magnitude = magnitudes[code % len(magnitudes)]
        negative = code >= len(magnitudes)
        found.append((MINUS_ZERO if magnitude == 0 else -magnitude) if negative else magnitude)
    assert codes is not None
    return [rounded("float32", codes.shape, found)]


def _floating(attributes: dict[str, Any]) -> tuple[list[Fraction], Any]:
    e, m, bias = attributes.get("exponent_bits", 2), attributes.get("mantissa_bits", 1), attributes.get("bias", 1)
    magnitudes = floating(e, m, bias)
    if m > 0:
        return magnitudes, lambda low, high: low if low % 2 == 0 else high
    return magnitudes, lambda low, high: low if low == 0 else high  # 0 is even, a power of two is not


def floating_point_encode(attributes: dict[str, Any], inputs: list[Tensor | None]) -> list[Tensor]:
    return encode(inputs[0], *_floating(attributes))


def floating_point_decode(attributes: dict[str, Any], inputs: list[Tensor | None]) -> list[Tensor]:
    return decode(inputs[0], _floating(attributes)[0])


def fixed_point_encode(attributes: dict[str, Any], inputs: list[Tensor | None]) -> list[Tensor]:
    magnitudes = fixed(attributes.get("mantissa_bits", 3), attributes.get("fraction_bits", 0))
    return encode(inputs[0], magnitudes, lambda low, high: low if low % 2 == 0 else high)


def fixed_point_decode(attributes: dict[str, Any], inputs: list[Tensor | None]) -> list[Tensor]:
    return decode(inputs[0], fixed(attributes.get("mantissa_bits", 3), attributes.get("fraction_bits", 0)))
