"""Quantized-CNN's layers (Wu 2016): each weight is its codeword's number, and outputs are sums of products."""

from fractions import Fraction
from math import prod
from typing import Any

from independent.conv import geometry
from independent.refusal import refuse_unless
from independent.schemes.scheme import float32, numbers, whole
from independent.schemes.shift_conv import DEFAULTS
from independent.tensors import Tensor, offset, positions


def lookup_gemm(attributes: dict[str, Any], inputs: list[Tensor | None]) -> list[Tensor]:
    X, B, C = inputs[:3]
    assert X is not None and B is not None and C is not None
    x = numbers(X)
    refuse_unless(X.rank == 2 and C.rank == 2 and X.shape[1] == C.shape[1], "a column an input")
    (N, L), weight = X.shape, codewords(B, C, attributes.get("length", 1))
    added = bias(inputs, B.shape[0])
    sums = [added[m] + sum(x[n * L + k] * weight(m, k) for k in range(L)) for n in range(N) for m in range(B.shape[0])]
    return [float32((N, B.shape[0]), sums)]


def lookup_conv(attributes: dict[str, Any], inputs: list[Tensor | None]) -> list[Tensor]:
    X, B, C = inputs[:3]
    assert X is not None and B is not None and C is not None
    kernel = attributes.get("kernel_shape")
    x = numbers(X)
    refuse_unless(kernel is not None and min(kernel, default=1) >= 1 and C.rank == 2 and B.rank == 2, "a kernel")
    assert kernel is not None
    taps = prod(kernel)
    refuse_unless(B.shape[0] % taps == 0, "a row a tap")
    shape = (B.shape[0] // taps, C.shape[1], *kernel)
    given = {name: value for name, value in attributes.items() if name != "length"}
    g = geometry(X, Tensor("float32", shape, [0] * prod(shape)), DEFAULTS | given)
    weight, added = codewords(B, C, attributes.get("length", 1)), bias(inputs, shape[0])
    sums = []
    for at in positions(g.shape):
        total = added[at[1]]
        for i, (m, c, *tap) in g.meetings(at):
            total += x[offset(i, X.shape)] * weight(m * taps + offset(tuple(tap), tuple(kernel)), c)
        sums.append(total)
    return [float32(g.shape, sums)]


def codewords(B: Tensor, C: Tensor, d: int) -> Any:
    """The weight in a row and a column."""
    codes, books, L = whole(B, "uint8"), numbers(C), C.shape[1]
    refuse_unless(d >= 1 and B.rank == 2 and B.shape[1] == -(-L // d), "a code a sub-vector")
    refuse_unless(all(code < C.shape[0] for code in codes), "a code beyond the codebook")
    return lambda row, column: books[codes[row * B.shape[1] + column // d] * L + column]


def bias(inputs: list[Tensor | None], M: int) -> list[Fraction]:
    if len(inputs) < 4 or inputs[3] is None:
        return [Fraction(0)] * M
    refuse_unless(inputs[3].shape == (M,), "a number an output")
    return numbers(inputs[3])
