"""Gemm (1 … 13): Y = alpha · A' · B' + beta · C."""

from fractions import Fraction
from typing import Any

from independent.answers import Answer, added, scaled, sum_of_products
from independent.broadcasting import source, unidirectional
from independent.extended import times
from independent.refusal import Undecided, refuse_unless
from independent.tensors import Tensor, offset, positions, rounded, wrapped


def gemm(opset: int, attributes: dict[str, Any], inputs: list[Tensor | None], outputs: int) -> Answer:
    a, b, c = inputs
    assert a is not None and b is not None
    refuse_unless(a.rank == 2 and b.rank == 2, "A and B are matrices")
    turn_a, turn_b = attributes["transA"] != 0, attributes["transB"] != 0
    m, k = reversed(a.shape) if turn_a else a.shape
    k_of_b, n = reversed(b.shape) if turn_b else b.shape
    refuse_unless(k == k_of_b, f"A' is {m}×{k}, B' {k_of_b}×{n}")
    if c is not None:
        if opset < 7 and not attributes["broadcast"]:
            refuse_unless(c.shape == (m, n), f"C is {c.shape} without broadcast")
        unidirectional(c.shape, (m, n))
    alpha, beta = Fraction(attributes["alpha"]), Fraction(attributes["beta"])
    if a.is_integer:
        return integers(a, b, c, (m, k, n), turn_a, turn_b, alpha, beta)
    sums = []
    for i, j in positions((m, n)):
        pairs = [
            (
                a.values[offset((l, i) if turn_a else (i, l), a.shape)],
                b.values[offset((j, l) if turn_b else (l, j), b.shape)],
            )
            for l in range(k)
        ]
        s = sum_of_products(pairs, [])
        if alpha != 1:
            s = scaled(s, alpha)
        if c is not None:
            s = added(s, times(c.values[source((i, j), c.shape)], beta))
        sums.append(s)
    scalings = (alpha != 1) + (beta != 1 and c is not None)
    return Answer([rounded(a.dtype, (m, n), [s.exact for s in sums])], sums, scalings)


def integers(
    a: Tensor,
    b: Tensor,
    c: Tensor | None,
    sizes: tuple[int, int, int],
    turn_a: bool,
    turn_b: bool,
    alpha: Fraction,
    beta: Fraction,
) -> Answer:
    m, k, n = sizes
    results = []
    for i, j in positions((m, n)):
        s = sum(
            a.integers[offset((l, i) if turn_a else (i, l), a.shape)]
            * b.integers[offset((j, l) if turn_b else (l, j), b.shape)]
            for l in range(k)
        )
        exact = alpha * s + (0 if c is None else beta * c.integers[source((i, j), c.shape)])
        if exact.denominator != 1:
            raise Undecided("a fraction from integers")
        results.append(int(exact))
    return Answer([wrapped(a.dtype, (m, n), results)])
