"""Binary-Weight Networks: XNOR-Net section 3.1, B = sign(W), alpha = ||W||_1 / n."""

from fractions import Fraction
from typing import Any

from independent.schemes.scheme import float32, integers, numbers, places
from independent.tensors import Tensor


def binary_weight(attributes: dict[str, Any], inputs: list[Tensor | None]) -> list[Tensor]:
    W = numbers(inputs[0])
    assert inputs[0] is not None
    parts = places(inputs[0].shape, attributes)
    means = [sum((abs(W[i]) for i in part), Fraction(0)) / max(len(part), 1) for part in parts]
    return [integers("int8", inputs[0].shape, [-1 if w < 0 else 1 for w in W]), float32((len(parts),), means)]
