"""Concat (1, 4, 11, 13): elements move, nothing is computed."""

from typing import Any

from independent.answers import Answer
from independent.refusal import refuse_unless
from independent.tensors import Tensor, offset, positions


def concat(opset: int, attributes: dict[str, Any], inputs: list[Tensor | None], outputs: int) -> Answer:
    parts = [t for t in inputs if t is not None]
    rank = parts[0].rank
    axis = 1 if attributes["axis"] is None else attributes["axis"]  # opset 1: "Default value is 1"
    # Reading: negative axes since opset 11, whose text brings them.
    refuse_unless((-rank if opset >= 11 else 0) <= axis < rank, f"axis {axis} of rank {rank}")
    axis %= rank
    for t in parts:
        refuse_unless(t.rank == rank, f"ranks {rank} and {t.rank}")
        same = all(a == b for i, (a, b) in enumerate(zip(t.shape, parts[0].shape)) if i != axis)
        refuse_unless(same, f"{t.shape} beside {parts[0].shape}")
    shape = list(parts[0].shape)
    shape[axis] = sum(t.shape[axis] for t in parts)
    codes = []
    for at in positions(shape):
        place = list(at)
        for t in parts:
            if place[axis] < t.shape[axis]:
                codes.append(t.codes[offset(place, t.shape)])
                break
            place[axis] -= t.shape[axis]
    return Answer([Tensor(parts[0].dtype, tuple(shape), codes)])
