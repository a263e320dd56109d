"""The seed's table of N-bit codes: the values, and the nearest of them."""

from fractions import Fraction
from typing import Any

from independent.refusal import refuse_unless
from independent.schemes.scheme import integers, numbers, whole
from independent.tensors import Tensor


def uniform_encode(attributes: dict[str, Any], inputs: list[Tensor | None]) -> list[Tensor]:
    N = attributes.get("bits", 8)
    refuse_unless(1 <= N <= 64, "no such code")
    x = numbers(inputs[0])
    assert inputs[0] is not None
    # Python's round is half to even
    return [integers("uint64", inputs[0].shape, [min(max(round(v), 0), 2**N - 1) for v in x])]


def logarithmic(N: int) -> list[int]:
    refuse_unless(1 <= N <= 6, "no such code")
    return [0, *(2**k for k in range(2**N - 1))]


def nearest_power(x: Fraction, values: list[Any]) -> int:
    """Of two powers equally near the larger; 0 where it is as near as the first."""
    distance = min(abs(x - v) for v in values)
    found = [c for c, v in enumerate(values) if abs(x - v) == distance]
    return found[0] if 0 in found else found[-1]


def logarithmic_encode(attributes: dict[str, Any], inputs: list[Tensor | None]) -> list[Tensor]:
    values = logarithmic(attributes.get("bits", 4))
    x = numbers(inputs[0])
    assert inputs[0] is not None
    return [integers("uint8", inputs[0].shape, [nearest_power(max(v, Fraction(0)), values) for v in x])]


def logarithmic_decode(attributes: dict[str, Any], inputs: list[Tensor | None]) -> list[Tensor]:
    values = logarithmic(attributes.get("bits", 4))
    codes = whole(inputs[0], "uint8")
    assert inputs[0] is not None
    refuse_unless(all(code < len(values) for code in codes), "a code beyond the table")
    return [integers("uint64", inputs[0].shape, [values[code] for code in codes])]


def nearest_value(x: Fraction, C: list[Fraction]) -> int:
    """The larger of two equally near values, the first of equal ones."""
    return max(range(len(C)), key=lambda c: (-abs(x - C[c]), C[c], -c))


def non_uniform_encode(attributes: dict[str, Any], inputs: list[Tensor | None]) -> list[Tensor]:
    x, C = numbers(inputs[0]), numbers(inputs[1])
    assert inputs[0] is not None and inputs[1] is not None
    refuse_unless(len(inputs[1].shape) == 1 and 1 <= len(C) <= 256, "no codebook")
    return [integers("uint8", inputs[0].shape, [nearest_value(v, C) for v in x])]
