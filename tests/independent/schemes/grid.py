"""Equally spaced levels, listed; the nearest one looked for."""

from fractions import Fraction
from itertools import pairwise
from typing import Any

from independent.extended import Special
from independent.refusal import refuse_unless
from independent.schemes.scheme import integers, numbers, whole
from independent.tensors import Tensor, rounded

LARGEST = Fraction(2**24 - 1) * 2**104  # of float32


def levels(attributes: dict[str, Any]) -> dict[int, Fraction]:
    """The multiple of the step that each code stands for."""
    kind, n = attributes.get("grid", "signed"), attributes.get("bits", 8)
    refuse_unless(kind in ("signed", "unsigned", "mid-rise"), "no such grid")
    refuse_unless((2 if kind == "signed" else 1) <= n <= 16, "no such width")
    if kind == "signed":
        return {k: Fraction(k) for k in range(-(2 ** (n - 1)) + 1, 2 ** (n - 1))}
    if kind == "unsigned":
        return {k: Fraction(k) for k in range(2**n)}
    return {k: k + Fraction(1, 2) for k in range(-(2 ** (n - 1)), 2 ** (n - 1))}


def step_of(step: Tensor | None) -> Fraction:
    [delta] = numbers(step)
    refuse_unless(delta >= 0, "a negative step")
    return delta


def nearest(x: Fraction, delta: Fraction, multiples: dict[int, Fraction]) -> int:
    """Of two equally near levels the one farther from zero, of two equally far from zero the positive one."""
    if delta == 0:
        return 0
    lowest, highest = min(multiples), max(multiples)
    guess = int(x / delta)
    near = [min(max(guess + d, lowest), highest) for d in range(-2, 3)]
    return min(near, key=lambda k: (abs(x - multiples[k] * delta), -abs(multiples[k]), -multiples[k]))


def grid_quantize(attributes: dict[str, Any], inputs: list[Tensor | None]) -> list[Tensor]:
    multiples = levels(attributes)
    x, delta = numbers(inputs[0]), step_of(inputs[1])
    assert inputs[0] is not None
    return [integers("int32", inputs[0].shape, [nearest(v, delta, multiples) for v in x])]


def grid_dequantize(attributes: dict[str, Any], inputs: list[Tensor | None]) -> list[Tensor]:
    multiples = levels(attributes)
    codes, delta = whole(inputs[0], "int32"), step_of(inputs[1])
    assert inputs[0] is not None
    refuse_unless(all(code in multiples for code in codes), "a code that the grid does not have")
    return [rounded("float32", inputs[0].shape, [multiples[code] * delta for code in codes])]


def grid_fit(attributes: dict[str, Any], inputs: list[Tensor | None]) -> list[Tensor]:
    """Between two steps at which a number changes its level, levels are fixed and a least square is left to solve."""
    multiples = levels(attributes)
    x = numbers(inputs[0])
    offsets = {abs(m) for m in multiples.values()}
    breaks = {abs(v) / ((a + b) / 2) for v in x if v for a, b in pairwise(sorted(offsets))}
    edges = [Fraction(0), *sorted(breaks)]
    edges.append(2 * edges[-1] + 1)
    best, least = Fraction(0), sum((v * v for v in x), Fraction(0))
    for low, high in pairwise(edges):
        inside = (low + high) / 2
        c = [multiples[nearest(v, inside, multiples)] for v in x]
        if not any(c):
            continue
        step = sum((v * k for v, k in zip(x, c)), Fraction(0)) / sum(k * k for k in c)
        error = sum(((v - k * step) ** 2 for v, k in zip(x, c)), Fraction(0))
        if step > 0 and (error, -step) < (least, -best):
            best, least = step, error
    return [rounded("float32", (), [min(best, LARGEST)])]


def grid_backward(attributes: dict[str, Any], inputs: list[Tensor | None]) -> list[Tensor]:
    x, g, delta = numbers(inputs[0]), numbers(inputs[1]), step_of(inputs[2])
    [last] = rounded("float32", (), [max(levels(attributes).values()) * delta]).values
    assert inputs[0] is not None and inputs[1] is not None
    refuse_unless(inputs[0].shape == inputs[1].shape, "shapes that differ")
    unsigned = attributes.get("grid", "signed") == "unsigned"
    inside = [(v > 0 or not unsigned) and (last is Special.PLUS_INFINITY or abs(v) <= last) for v in x]
    return [rounded("float32", inputs[0].shape, [v if i else Fraction(0) for v, i in zip(g, inside)])]
