"""Relu (1, 6, 13, 14): y = max(0, x)."""

from typing import Any

from independent.answers import Answer
from independent.extended import NAN, ZERO, Value, less
from independent.tensors import Tensor, rounded, wrapped


def at_least_zero(x: Value) -> Value:
    """Reading: max of 0 and NaN is NaN. Of zeros either sign will do."""
    return x if x is NAN or less(ZERO, x) else ZERO


def relu(opset: int, attributes: dict[str, Any], inputs: list[Tensor | None], outputs: int) -> Answer:
    x = inputs[0]
    assert x is not None
    if x.is_integer:
        return Answer([wrapped(x.dtype, x.shape, [max(0, v) for v in x.integers])])
    return Answer([rounded(x.dtype, x.shape, [at_least_zero(v) for v in x.values])])
