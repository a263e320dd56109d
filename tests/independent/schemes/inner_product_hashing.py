"""BWNH: min ||S - X^T B A||^2, by the objective itself: each sign is the one that leaves the smaller sum of squares."""

from fractions import Fraction
from math import prod
from typing import Any

from independent.refusal import refuse_unless
from independent.schemes.scheme import float32, integers, numbers
from independent.tensors import Tensor

Rows = list[list[Fraction]]
LARGEST = Fraction(2**24 - 1) * 2**104  # of float32


def inner_product_hashing(attributes: dict[str, Any], inputs: list[Tensor | None]) -> list[Tensor]:
    W, X = inputs
    assert W is not None and X is not None and not attributes
    M, K = W.shape[0], prod(W.shape[1:])
    refuse_unless(X.rank == 2 and X.shape[1] == K, "inputs are [samples, weights of a channel]")
    w, x = numbers(W), numbers(X)
    rows = [x[n * K : (n + 1) * K] for n in range(X.shape[0])]
    signs: list[int] = []
    scales = []
    for m in range(M):
        b, alpha = channel(w[m * K : (m + 1) * K], rows)
        signs += b
        scales.append(max(-LARGEST, min(alpha, LARGEST)))
    return [integers("int8", W.shape, signs), float32((M,), scales)]


def channel(w: list[Fraction], rows: Rows) -> tuple[list[int], Fraction]:
    b = [-1 if value < 0 else 1 for value in w]
    alpha = sum((abs(value) for value in w), Fraction(0)) / max(len(w), 1)
    wanted = [dot(row, w) for row in rows]
    for _ in range(100):
        before = list(b), alpha
        for j in range(len(b)):
            costs = {s: cost(wanted, rows, [*b[:j], s, *b[j + 1 :]], alpha) for s in (b[j], -b[j])}
            if costs[-b[j]] < costs[b[j]]:
                b[j] = -b[j]
        found = [dot(row, b) for row in rows]
        if any(found):
            alpha = dot(wanted, found) / dot(found, found)
        if (b, alpha) == before:
            break
    return b, alpha


def cost(wanted: list[Fraction], rows: Rows, b: list[int], alpha: Fraction) -> Fraction:
    return sum(((s - alpha * dot(row, b)) ** 2 for s, row in zip(wanted, rows)), Fraction(0))


def dot(a: list[Fraction], b: list[Any]) -> Fraction:
    return sum((p * q for p, q in zip(a, b)), Fraction(0))
