"""Semidiscrete decomposition: every ternary vector tried where there are few, every threshold where there are many.

Kolda and O'Leary 1998; Wang and Cheng 2017 for the epochs; and the layer as a convolution with X D Y^T itself.
"""

from collections.abc import Iterator
from fractions import Fraction
from itertools import product
from math import prod
from typing import Any

from independent.binary_formats import BINARIES, decode, encode, nearest
from independent.conv import geometry
from independent.refusal import refuse_unless
from independent.schemes.scheme import float32, integers, numbers, whole
from independent.tensors import Tensor, offset, positions, wrapped

FEW = 4
DEFAULTS: dict[str, Any] = {
    "auto_pad": "NOTSET",
    "dilations": None,
    "group": 1,
    "kernel_shape": None,
    "pads": None,
    "strides": None,
}
Matrix = list[list[Fraction]]


def candidates(s: list[Fraction]) -> Iterator[list[int]]:
    if len(s) <= FEW:
        yield from (list(x) for x in product((-1, 0, 1), repeat=len(s)))
        return
    for least in {abs(v) for v in s} - {0}:
        yield [0 if abs(v) < least else (1 if v > 0 else -1) for v in s]


def best(s: list[Fraction]) -> list[int]:
    """The largest (x s)^2 / x x with x s >= 0, then the fewest nonzeros."""
    found, of_found = [0] * len(s), (Fraction(0), 0)
    for x in candidates(s):
        n = sum(map(abs, x))
        total = sum((v * e for v, e in zip(s, x)), Fraction(0))
        if n and total > 0 and (total**2 / n, -n) > of_found:
            found, of_found = x, (total**2 / n, -n)
    return found


def times(R: Matrix, y: list[int]) -> list[Fraction]:
    return [sum((r * e for r, e in zip(row, y)), Fraction(0)) for row in R]


def one_term(R: Matrix, columns: Matrix, y: list[int]) -> tuple[list[int], Fraction, list[int]]:
    ones = [1] * len(y)
    filled = [j for j, column in enumerate(columns) if any(column)]
    unit = [int(bool(filled) and j == filled[0]) for j in range(len(y))]
    y = next((given for given in (y, ones) if any(times(R, given))), unit)
    while True:
        x = best(times(R, y))
        new = best(times(columns, x))
        if new == y:
            break
        y = new
    n = sum(map(abs, x)) * sum(map(abs, y))
    d = sum((e * v for e, v in zip(x, times(R, y))), Fraction(0)) / n if n else Fraction(0)
    b = BINARIES["float32"]
    rounded = decode(encode(nearest(d, b), b), b)
    assert isinstance(rounded, Fraction | int)
    return x, Fraction(rounded), y


def semidiscrete_decomposition(attributes: dict[str, Any], inputs: list[Tensor | None]) -> list[Tensor]:
    [W] = inputs
    w = numbers(W)
    assert W is not None
    M, K = W.shape[0], prod(W.shape[1:])
    terms, epochs = attributes.get("terms", 0), attributes.get("epochs", 1)
    refuse_unless(terms >= 0 and epochs >= 1, "terms and epochs")
    k = terms or min(M, K)
    factors: list[tuple[list[int], Fraction, list[int]]] = [([0] * M, Fraction(0), [0] * K)] * k
    for _ in range(epochs):
        for t in range(k):
            others = factors[:t] + factors[t + 1 :]
            R = [
                [w[i * K + j] - sum((d * x[i] * y[j] for x, d, y in others), Fraction(0)) for j in range(K)]
                for i in range(M)
            ]
            factors[t] = one_term(R, [[row[j] for row in R] for j in range(K)], factors[t][2])
    X = [x[i] for i in range(M) for x, _, _ in factors]
    Y = [e for _, _, y in factors for e in y]
    return [
        integers("int8", (M, k), X),
        float32((k,), [d for _, d, _ in factors]),
        integers("int8", (k, *W.shape[1:]), Y),
    ]


def product_of(X: Tensor | None, D: Tensor | None, Y: Tensor | None) -> tuple[tuple[int, ...], list[Fraction]]:
    """The shape and the elements of X D Y^T."""
    x, d, y = whole(X, "int8"), numbers(D), whole(Y, "int8")
    assert X is not None and D is not None and Y is not None
    k = len(d)
    refuse_unless(X.rank == 2 and D.rank == 1 and Y.rank >= 1, "ranks")
    refuse_unless(X.shape[1] == k and Y.shape[0] == k, "as many columns of X and filters as numbers in D")
    refuse_unless(all(-1 <= e <= 1 for e in x + y), "factors are -1, 0 and 1")
    M, K = X.shape[0], prod(Y.shape[1:])
    W = [sum((x[i * k + t] * d[t] * y[t * K + j] for t in range(k)), Fraction(0)) for i in range(M) for j in range(K)]
    return (M, *Y.shape[1:]), W


def factorized_decode(attributes: dict[str, Any], inputs: list[Tensor | None]) -> list[Tensor]:
    assert not attributes
    return [float32(*product_of(*inputs))]


def factorized_conv(attributes: dict[str, Any], inputs: list[Tensor | None]) -> list[Tensor]:
    x, X, D, Y, B = [*inputs, None][:5]
    values = numbers(x)
    assert x is not None
    shape, w = product_of(X, D, Y)
    bias = [Fraction(0)] * shape[0] if B is None else numbers(B)
    refuse_unless(len(bias) == shape[0], "B has size of M")
    g = geometry(x, wrapped("int8", shape, [0] * prod(shape)), DEFAULTS | attributes)
    sums = [
        bias[at[1]] + sum((values[offset(i, x.shape)] * w[offset(j, shape)] for i, j in g.meetings(at)), Fraction(0))
        for at in positions(g.shape)
    ]
    return [float32(g.shape, sums)]
