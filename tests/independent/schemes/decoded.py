"""W' = alpha B and W' = C[B], part by part."""

from fractions import Fraction
from typing import Any

from independent.extended import MINUS_ZERO, Value
from independent.refusal import refuse_unless
from independent.schemes.scheme import numbers, places, whole
from independent.tensors import Tensor, rounded


def scaled_decode(attributes: dict[str, Any], inputs: list[Tensor | None]) -> list[Tensor]:
    """IEEE 754 products: a zero has the sign of scale times code."""
    codes, scales = whole(inputs[0], "int8"), numbers(inputs[1])
    assert inputs[0] is not None and inputs[1] is not None
    parts = places(inputs[0].shape, attributes)
    refuse_unless(inputs[1].shape == (len(parts),), "one scale a part")
    found: list[Value] = [Fraction(0)] * len(codes)
    for part, scale in zip(parts, scales):
        for i in part:
            product = scale * codes[i]
            found[i] = MINUS_ZERO if product == 0 and (scale < 0) != (codes[i] < 0) else product
    return [rounded("float32", inputs[0].shape, found)]


def codebook_decode(attributes: dict[str, Any], inputs: list[Tensor | None]) -> list[Tensor]:
    codes, values = whole(inputs[0], "uint8"), numbers(inputs[1])
    assert inputs[0] is not None and inputs[1] is not None
    parts = places(inputs[0].shape, attributes)
    refuse_unless(len(inputs[1].shape) == 2 and inputs[1].shape[0] == len(parts), "one codebook a part")
    size = inputs[1].shape[1]
    refuse_unless(all(code < size for code in codes), "a code beyond the codebook")
    found = [0] * len(codes)
    for p, part in enumerate(parts):
        for i in part:
            found[i] = inputs[1].codes[p * size + codes[i]]
    assert len(values) == len(inputs[1].codes)
    return [Tensor("float32", inputs[0].shape, found)]
