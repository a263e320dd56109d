"""Tanh (1, 6, 13): the hyperbolic tangent."""

from typing import Any

from mpmath import iv

from independent.answers import Answer
from independent.certain_rounding import correctly_rounded, interval
from independent.extended import INF, MINUS_INF, NAN, ONE, Value, is_zero, real
from independent.tensors import Tensor, rounded


def tangent(x: Value, dtype: str) -> Value:
    """(1 − e^−2x) / (1 + e^−2x); zeros keep their sign."""
    if x is NAN or is_zero(x):
        return x
    if x is INF:
        return ONE
    if x is MINUS_INF:
        return -ONE
    size, sign = abs(real(x)), 1 if real(x) > 0 else -1

    def enclosure() -> Any:
        e = iv.exp(interval(-2 * size))
        return sign * (1 - e) / (1 + e)

    return correctly_rounded(enclosure, dtype)


def tanh(opset: int, attributes: dict[str, Any], inputs: list[Tensor | None], outputs: int) -> Answer:
    """Opset 1 says "1-D input tensor". Reading: any rank, as every later version has it."""
    x = inputs[0]
    assert x is not None
    return Answer([rounded(x.dtype, x.shape, [tangent(v, x.dtype) for v in x.values])])
