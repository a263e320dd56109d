"""Flatten (1, 9, 11, 13, 21, 23, 24, 25): (d_0 X … d_(axis-1), d_axis X … dn)."""

from math import prod
from typing import Any

from independent.answers import Answer
from independent.refusal import refuse_unless
from independent.tensors import Tensor


def flatten(opset: int, attributes: dict[str, Any], inputs: list[Tensor | None], outputs: int) -> Answer:
    x = inputs[0]
    assert x is not None
    axis, rank = attributes["axis"], x.rank
    # Before 11 "in the range [0, R]", from 11 "[-r, r]".
    refuse_unless((-rank if opset >= 11 else 0) <= axis <= rank, f"axis {axis} of rank {rank}")
    axis = axis + rank if axis < 0 else axis
    return Answer([Tensor(x.dtype, (prod(x.shape[:axis]), prod(x.shape[axis:])), x.codes)])
