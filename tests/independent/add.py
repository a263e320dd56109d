"""Add (1, 6, 7, 13, 14): one IEEE operation an element."""

from typing import Any

from independent.answers import Answer
from independent.arithmetic import elementwise
from independent.extended import plus
from independent.tensors import Tensor


def add(opset: int, attributes: dict[str, Any], inputs: list[Tensor | None], outputs: int) -> Answer:
    return elementwise(opset, attributes, inputs, plus, lambda a, b: a + b)
