"""Sigmoid (1, 6, 13): y = 1 / (1 + exp(-x))."""

from fractions import Fraction
from typing import Any

from mpmath import iv

from independent.answers import Answer
from independent.certain_rounding import correctly_rounded, interval
from independent.extended import INF, MINUS_INF, NAN, ONE, ZERO, Value, is_zero, real
from independent.tensors import Tensor, rounded


def logistic(x: Value, dtype: str) -> Value:
    if x is NAN:
        return NAN
    if x is INF:
        return ONE
    if x is MINUS_INF:
        return ZERO
    if is_zero(x):
        return Fraction(1, 2)
    return correctly_rounded(lambda: 1 / (1 + iv.exp(interval(-real(x)))), dtype)


def sigmoid(opset: int, attributes: dict[str, Any], inputs: list[Tensor | None], outputs: int) -> Answer:
    x = inputs[0]
    assert x is not None
    return Answer([rounded(x.dtype, x.shape, [logistic(v, x.dtype) for v in x.values])])
