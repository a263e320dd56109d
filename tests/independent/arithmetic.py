"""The four binary operators share their broadcasting; each has its own file for what it computes."""

from collections.abc import Callable
from typing import Any

from independent.answers import Answer
from independent.broadcasting import limited, multidirectional, source
from independent.extended import Value
from independent.tensors import Tensor, positions, rounded, wrapped


def elementwise(
    opset: int,
    attributes: dict[str, Any],
    inputs: list[Tensor | None],
    of_values: Callable[[Value, Value], Value],
    of_integers: Callable[[int, int], int],
) -> Answer:
    a, b = inputs
    assert a is not None and b is not None
    if opset < 7:
        shape_b = limited(a, b, attributes["broadcast"], attributes["axis"])
        shape = a.shape
    else:
        shape_b, shape = b.shape, multidirectional(a.shape, b.shape)
    pairs = [(source(at, a.shape), source(at, shape_b)) for at in positions(shape)]
    if a.is_integer:
        return Answer([wrapped(a.dtype, shape, [of_integers(a.integers[i], b.integers[j]) for i, j in pairs])])
    return Answer([rounded(a.dtype, shape, [of_values(a.values[i], b.values[j]) for i, j in pairs])])
