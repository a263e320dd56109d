"""Softmax (1, 11, 13): Exp(input) / ReduceSum(Exp(input), axis=axis, keepdims=1)."""

from fractions import Fraction
from functools import lru_cache
from math import prod
from typing import Any

from mpmath import iv

from independent.answers import Answer
from independent.certain_rounding import correctly_rounded, interval
from independent.extended import INF, MINUS_INF, NAN, ZERO, Value, real
from independent.refusal import refuse_unless
from independent.tensors import Tensor, rounded


def shares(row: list[Value], dtype: str) -> list[Value]:
    """Softmax of one vector.

    Reading: a +∞, and a row of −∞ only, give NaN everywhere, as opset 13's body does by subtracting the maximum.
    """
    if any(v is NAN or v is INF for v in row) or all(v is MINUS_INF for v in row):
        return [NAN] * len(row)
    finite = [real(v) for v in row if v is not MINUS_INF]
    top = max(finite)
    result: dict[Value, Value] = {MINUS_INF: ZERO}
    for v in set(row) - {MINUS_INF}:
        own = real(v)
        result[v] = (
            Fraction(1, len(finite))
            if len(set(finite)) == 1
            else correctly_rounded(lambda own=own: share(own, finite, top), dtype)
        )
    return [result[v] for v in row]


def share(own: Fraction, finite: list[Fraction], top: Fraction) -> Any:
    """e^own over the sum of all powers, both divided by e^top."""
    powers = {u: exponential(u - top, iv.dps) for u in set(finite)}
    return powers[own] / sum(powers[u] for u in finite)


@lru_cache(maxsize=10_000)
def exponential(x: Fraction, digits: int) -> Any:
    """e^x at the working precision, which is `digits`."""
    return iv.exp(interval(x))


def softmax(opset: int, attributes: dict[str, Any], inputs: list[Tensor | None], outputs: int) -> Answer:
    x = inputs[0]
    assert x is not None
    axis, rank = attributes["axis"], x.rank
    if opset == 1:
        # Reading: dimensions [a_0 * ... * a_{k-1}, a_k * ... * a_{n-1}] for a k that is an axis; no negative ones yet.
        refuse_unless(0 <= axis < max(rank, 1), f"axis {axis} of rank {rank}")
    else:
        refuse_unless(-rank <= axis < rank, f"Accepted range is [-r, r-1]: axis {axis} of rank {rank}")
    axis %= rank or 1
    if opset < 13:
        stride, length = 1, prod(x.shape[axis:])
    else:
        stride, length = prod(x.shape[axis + 1 :]), x.shape[axis]
    results: list[Value] = [ZERO] * len(x)
    for first in range(len(x)):
        if first // stride % length == 0:
            places = [first + i * stride for i in range(length)]
            for place, value in zip(places, shares([x.values[p] for p in places], x.dtype)):
                results[place] = value
    return Answer([rounded(x.dtype, x.shape, results)])
