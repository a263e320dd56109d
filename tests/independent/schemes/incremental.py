"""Incremental network quantization: Zhou 2017, equations 1 to 4 and 8, algorithm 1."""

from fractions import Fraction
from itertools import pairwise
from typing import Any

from independent.refusal import refuse_unless
from independent.schemes.scheme import float32, integers, numbers, whole
from independent.schemes.ternary_weight import descended
from independent.tensors import Tensor


def exponents(W: list[Fraction], bits: int) -> list[int]:
    """n1 down to n2; n1 by trying: 2^n1 <= 4s/3 < 2^(n1 + 1)."""
    refuse_unless(2 <= bits <= 8, "2 to 8 bits")
    s = max((abs(w) for w in W), default=Fraction(0))
    n1 = 0
    if s:
        n1 = next(n for n in range(-200, 200) if Fraction(2) ** n <= 4 * s / 3 < Fraction(2) ** (n + 1))
    refuse_unless(n1 <= 127, "the largest power is no float32")
    n2 = n1 + 1 - 2 ** (bits - 1) // 2
    return list(range(n1, n2 - 1, -1))


def value(w: Fraction, powers: list[int]) -> Fraction:
    """Equation 4, by every pair of neighbours."""
    ladder = [Fraction(0), *(Fraction(2) ** n for n in reversed(powers))]
    for alpha, beta in pairwise(ladder):
        if (alpha + beta) / 2 <= abs(w) < 3 * beta / 2:
            return beta if w > 0 else -beta
    return Fraction(0)


def incremental_encode(attributes: dict[str, Any], inputs: list[Tensor | None]) -> list[Tensor]:
    W = numbers(inputs[0])
    assert inputs[0] is not None
    powers = exponents(W, attributes.get("bits", 5))
    P = [Fraction(0), *(Fraction(2) ** n for n in powers), *(-(Fraction(2) ** n) for n in powers)]
    codes = [P.index(value(w, powers)) for w in W]
    return [integers("uint8", inputs[0].shape, codes), float32((1, len(P)), P)]


def incremental_freeze(attributes: dict[str, Any], inputs: list[Tensor | None]) -> list[Tensor]:
    W, frozen = numbers(inputs[0]), mask(inputs[1])
    assert inputs[0] is not None and inputs[1] is not None
    refuse_unless(inputs[0].shape == inputs[1].shape, "one entry of the mask a weight")
    count = attributes["count"]
    refuse_unless(sum(frozen) <= count <= len(W), "a count between what is frozen and all")
    powers = exponents(W, attributes.get("bits", 5))
    while sum(frozen) < count:
        free = [i for i, held in enumerate(frozen) if not held]
        frozen[max(free, key=lambda i: (abs(W[i]), -i))] = 1
    moved = [value(w, powers) if held else w for w, held in zip(W, frozen)]
    return [float32(inputs[0].shape, moved), integers("uint8", inputs[0].shape, frozen)]


def mask(x: Tensor | None) -> list[int]:
    found = list(whole(x, "uint8"))
    refuse_unless(all(m in (0, 1) for m in found), "a mask of 0 and 1")
    return found


def incremental_step(attributes: dict[str, Any], inputs: list[Tensor | None]) -> list[Tensor]:
    return [descended(inputs[0], numbers(inputs[1]), attributes, mask(inputs[2]))]
