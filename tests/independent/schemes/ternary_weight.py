"""Ternary weight networks: Li 2016, equations 1, 3 and 5; the optimum by trying every support."""

from fractions import Fraction
from itertools import combinations
from typing import Any

from independent.attribute_casts import as_type
from independent.extended import real
from independent.schemes.scheme import float32, integers, numbers, places
from independent.tensors import Tensor


def ternary_weight(attributes: dict[str, Any], inputs: list[Tensor | None]) -> list[Tensor]:
    return assembled(attributes, inputs[0], threshold_support)


def ternary_weight_exact(attributes: dict[str, Any], inputs: list[Tensor | None]) -> list[Tensor]:
    return assembled(attributes, inputs[0], best_support)


def threshold_support(w: list[Fraction]) -> set[int]:
    """Where 10 n |w| > 7 sum |w|."""
    return {i for i, x in enumerate(w) if 10 * len(w) * abs(x) > 7 * sum(abs(v) for v in w)}


def best_support(w: list[Fraction]) -> set[int]:
    """The support that leaves the least ||w - alpha T||^2: up to 9 weights every one, else the largest of each number.

    Of equally good ones that with the fewest weights.
    """
    every = range(len(w))
    if len(w) <= 9:
        supports = [set(s) for j in range(len(w) + 1) for s in combinations(every, j)]
    else:
        order = sorted(every, key=lambda i: -abs(w[i]))
        supports = [set(order[:j]) for j in range(len(w) + 1)]
    return min(supports, key=lambda s: (residue(w, s), len(s)), default=set())


def residue(w: list[Fraction], support: set[int]) -> Fraction:
    """||w - alpha T||^2 for T = sign(w) on the support and the mean alpha."""
    alpha = mean(w, support)
    return sum(((abs(x) - alpha) ** 2 if i in support else x * x for i, x in enumerate(w)), Fraction(0))


def mean(w: list[Fraction], support: set[int]) -> Fraction:
    return sum((abs(w[i]) for i in support), Fraction(0)) / max(len(support), 1)


def assembled(attributes: dict[str, Any], x: Tensor | None, support_of: Any) -> list[Tensor]:
    W = numbers(x)
    assert x is not None
    codes, scales = [0] * len(W), []
    for part in places(x.shape, attributes):
        w = [W[i] for i in part]
        support = support_of(w)
        scales.append(mean(w, support))
        for i in support:
            codes[part[i]] = (w[i] > 0) - (w[i] < 0)
    return [integers("int8", x.shape, codes), float32((len(scales),), scales)]


def ternary_weight_step(attributes: dict[str, Any], inputs: list[Tensor | None]) -> list[Tensor]:
    """Algorithm 1, line 10: W - eta dL/dT."""
    return [descended(inputs[0], numbers(inputs[1]), attributes)]


def descended(
    W: Tensor | None, gradient: list[Fraction], attributes: dict[str, Any], frozen: list[int] | None = None
) -> Tensor:
    """W - eta * gradient, eta the float32 nearest to the attribute; frozen weights stay."""
    w = numbers(W)
    assert W is not None
    eta = learning_rate(attributes)
    held = frozen if frozen is not None else [0] * len(w)
    return float32(W.shape, [x if h else x - eta * g for x, g, h in zip(w, gradient, held, strict=True)])


def learning_rate(attributes: dict[str, Any]) -> Fraction:
    return real(as_type(Fraction(attributes.get("learning_rate", Fraction(1, 100))), "float32"))
