"""Reshape (1, 5, 13, 14, 19, 21, 23, 24, 25)."""

from math import prod
from typing import Any

from independent.answers import Answer
from independent.refusal import Undecided, refuse_unless
from independent.tensors import Tensor


def reshape(opset: int, attributes: dict[str, Any], inputs: list[Tensor | None], outputs: int) -> Answer:
    x = inputs[0]
    assert x is not None
    if opset == 1:
        wanted = attributes["shape"]
        refuse_unless(wanted is not None, "no shape")
    else:
        assert inputs[1] is not None
        refuse_unless(inputs[1].rank == 1, "shape is no vector")
        wanted = inputs[1].integers
    keep_zeros = attributes.get("allowzero", 0) != 0
    refuse_unless(all(d >= -1 for d in wanted), f"shape {wanted}")
    refuse_unless(wanted.count(-1) <= 1, "At most one dimension of the new shape can be -1")
    refuse_unless(not (keep_zeros and 0 in wanted and -1 in wanted), "allowzero with both a zero value and -1")
    shape = []
    for axis, d in enumerate(wanted):
        if d == 0 and not keep_zeros:
            refuse_unless(axis < x.rank, f"the input has no dimension {axis}")
            d = x.shape[axis]
        shape.append(d)
    if -1 in shape:
        known = prod(d for d in shape if d != -1)
        if known == 0:
            raise Undecided("-1 beside a dimension of zero")
        refuse_unless(len(x) % known == 0, f"{len(x)} elements into {shape}")
        shape[shape.index(-1)] = len(x) // known
    refuse_unless(prod(shape) == len(x), f"{len(x)} elements into {shape}")
    return Answer([Tensor(x.dtype, tuple(shape), x.codes)])
