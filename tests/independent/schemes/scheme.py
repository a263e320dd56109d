"""What the schemes share: exact numbers, the places of parts, outputs rounded once."""

from collections.abc import Callable, Sequence
from fractions import Fraction
from math import prod
from typing import Any

from independent.extended import Special
from independent.refusal import refuse_unless
from independent.tensors import Tensor, rounded, wrapped

# attributes as they stand in the case (defaults left out) and inputs → outputs
Scheme = Callable[[dict[str, Any], list[Tensor | None]], list[Tensor]]


def numbers(x: Tensor | None) -> list[Fraction]:
    """The values of a float32 input as rationals, zeros of either sign as 0. Refuses NaN and infinity."""
    refuse_unless(x is not None and x.dtype == "float32", "float32 numbers are wanted")
    assert x is not None
    for value in x.values:
        refuse_unless(not isinstance(value, Special) or value is Special.MINUS_ZERO, f"{value} among the numbers")
    return [Fraction(0) if isinstance(value, Special) else Fraction(value) for value in x.values]


def whole(x: Tensor | None, dtype: str) -> list[int]:
    """The values of an integer input of type `dtype`."""
    refuse_unless(x is not None and x.dtype == dtype, f"{dtype} is wanted")
    assert x is not None
    return x.integers


def places(shape: tuple[int, ...], attributes: dict[str, Any], usual: str = "channel") -> list[list[int]]:
    """The places, in C order, of the elements of each part."""
    kind, size = attributes.get("granularity", usual), attributes.get("group_size", 0)
    refuse_unless(kind in ("tensor", "channel", "group") and (kind == "group") == (size > 0), "no such granularity")
    count = prod(shape)
    if kind == "tensor":
        return [list(range(count))]
    rows = shape[0] if shape else 1
    length = prod(shape[1:])
    step = size if kind == "group" else max(length, 1)
    return [
        list(range(row * length + i, row * length + min(i + step, length)))
        for row in range(rows)
        for i in range(0, max(length, 1), step)
    ]


def float32(shape: Sequence[int], values: Sequence[Fraction]) -> Tensor:
    """Each value rounded once."""
    return rounded("float32", shape, list(values))


def integers(dtype: str, shape: Sequence[int], values: Sequence[int]) -> Tensor:
    """Integers that fit."""
    found = wrapped(dtype, shape, values)
    assert found.integers == list(values)
    return found
