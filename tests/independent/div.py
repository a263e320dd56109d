"""Div (1, 6, 7, 13, 14): one IEEE operation an element; integers truncate."""

from typing import Any

from independent.answers import Answer
from independent.arithmetic import elementwise
from independent.extended import over
from independent.refusal import Undecided
from independent.tensors import Tensor


def truncating(a: int, b: int) -> int:
    """ "the result is computed using truncating division (rounding toward zero)"."""
    if b == 0:
        raise Undecided("an integer divided by zero")
    size = abs(a) // abs(b)
    return size if (a < 0) == (b < 0) else -size


def div(opset: int, attributes: dict[str, Any], inputs: list[Tensor | None], outputs: int) -> Answer:
    return elementwise(opset, attributes, inputs, over, truncating)
