"""min ||W - alpha B||^2: the seed's alternation, and the best of the codes of every breakpoint, tried one by one."""

from collections.abc import Callable
from fractions import Fraction
from math import floor
from typing import Any

from independent.refusal import refuse_unless
from independent.schemes.scheme import float32, integers, numbers, places
from independent.tensors import Tensor

HALF = Fraction(1, 2)
Solved = tuple[Fraction, list[int]]


def rounding(w: list[Fraction], alpha: Fraction, K: int) -> list[int]:
    return [(-1 if x < 0 else 1) * min(floor(abs(x) / alpha + HALF), K) for x in w]


def projection(w: list[Fraction], b: list[int]) -> Fraction:
    return sum((x * k for x, k in zip(w, b)), Fraction(0)) / sum(k * k for k in b)


def in_turns(w: list[Fraction], K: int) -> Solved:
    """From max|w|/K on, until codes stay."""
    alpha = max(map(abs, w)) / K
    b = rounding(w, alpha, K)
    while True:
        alpha = projection(w, b)
        if rounding(w, alpha, K) == b:
            return alpha, b
        b = rounding(w, alpha, K)


def best(w: list[Fraction], K: int) -> Solved:
    """The error of the codes just at and just below each breakpoint, with their own best scale; ties to the largest."""
    points = sorted({abs(x) / (k - HALF) for x in w if x for k in range(1, K + 1)}, reverse=True)
    found: tuple[Fraction, Fraction, list[int]] | None = None
    for alpha in points:
        b = rounding(w, alpha, K)
        scale = projection(w, b)
        error = sum(((x - scale * k) ** 2 for x, k in zip(w, b)), Fraction(0))
        if found is None or (error, -scale) < (found[0], -found[1]):
            found = error, scale, b
    assert found is not None
    return found[1], found[2]


def solved(
    solver: Callable[[list[Fraction], int], Solved], attributes: dict[str, Any], inputs: list[Tensor | None]
) -> list[Tensor]:
    bits = attributes.get("bits", 8)
    refuse_unless(2 <= bits <= 8, "2 to 8 bits")
    W = numbers(inputs[0])
    assert inputs[0] is not None
    codes, scales = [0] * len(W), []
    for part in places(inputs[0].shape, attributes):
        w = [W[i] for i in part]
        scale, b = solver(w, 2 ** (bits - 1) - 1) if any(w) else (Fraction(0), [0] * len(w))
        scales.append(scale)
        for i, k in zip(part, b):
            codes[i] = k
    return [integers("int8", inputs[0].shape, codes), float32((len(scales),), scales)]


def optimal_scale(attributes: dict[str, Any], inputs: list[Tensor | None]) -> list[Tensor]:
    return solved(in_turns, attributes, inputs)


def optimal_scale_global(attributes: dict[str, Any], inputs: list[Tensor | None]) -> list[Tensor]:
    return solved(best, attributes, inputs)
