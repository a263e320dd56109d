"""Mul (1, 6, 7, 13, 14): one IEEE operation an element."""

from typing import Any

from independent.answers import Answer
from independent.arithmetic import elementwise
from independent.extended import times
from independent.tensors import Tensor


def mul(opset: int, attributes: dict[str, Any], inputs: list[Tensor | None], outputs: int) -> Answer:
    return elementwise(opset, attributes, inputs, times, lambda a, b: a * b)
