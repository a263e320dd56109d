"""PRelu (1, 6, 7, 9, 16): f(x) = slope * x for x < 0, f(x) = x for x >= 0."""

from typing import Any

from independent.answers import Answer
from independent.broadcasting import source, unidirectional
from independent.leaky_relu import leaky
from independent.refusal import Undecided
from independent.tensors import Tensor, positions, rounded, wrapped


def shape_of_slope(opset: int, x: Tensor, slope: Tensor) -> tuple[int, ...]:
    if opset >= 7:
        unidirectional(slope.shape, x.shape)
        return slope.shape
    # "If `Slope` is of size 1, the value is shared across different channels"
    if len(slope) == 1:
        return (1,) * x.rank
    if x.rank >= 2 and slope.shape == x.shape[1:2]:  # Reading: otherwise one value a channel
        return slope.shape + (1,) * (x.rank - 2)
    if slope.shape == x.shape:
        return slope.shape
    raise Undecided(f"slope {slope.shape} for {x.shape}")


def p_relu(opset: int, attributes: dict[str, Any], inputs: list[Tensor | None], outputs: int) -> Answer:
    x, slope = inputs
    assert x is not None and slope is not None
    shape = shape_of_slope(opset, x, slope)
    pairs = [(i, source(at, shape)) for i, at in enumerate(positions(x.shape))]
    if x.is_integer:
        results = [x.integers[i] * (slope.integers[j] if x.integers[i] < 0 else 1) for i, j in pairs]
        return Answer([wrapped(x.dtype, x.shape, results)])
    return Answer([rounded(x.dtype, x.shape, [leaky(x.values[i], slope.values[j]) for i, j in pairs])])
