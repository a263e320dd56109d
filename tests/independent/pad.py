"""Pad (1, 2, 11, 13, 18, 19, 21, 23, 24, 25): constant, reflect, edge, and wrap from 19."""

from fractions import Fraction
from typing import Any

from independent.answers import Answer
from independent.refusal import Undecided, refuse_unless
from independent.tensors import Tensor, code_of_zero, offset, positions, rounded


def place_of(i: int, length: int, mode: str) -> int | None:
    """The element that stands at place i of an axis, i below 0 or beyond the end; None: the constant."""
    if 0 <= i < length:
        return i
    if mode == "constant":
        return None
    if length == 0:
        raise Undecided(f"{mode} of nothing")
    if mode == "edge":
        return 0 if i < 0 else length - 1
    if mode == "wrap":
        return i % length
    if length == 1:
        return 0  # Reading: one element mirrored on itself, as numpy.pad has it
    # Reading: pads beyond length − 1 are mirrored again and again, "similar to … numpy.pad".
    round_trip = 2 * (length - 1)
    i %= round_trip
    return i if i < length else round_trip - i


def sides(
    opset: int, attributes: dict[str, Any], inputs: list[Tensor | None], rank: int
) -> tuple[list[int], list[int]]:
    """Padding before and after, one entry an axis of the data."""
    if opset < 11:
        pads = attributes["paddings" if opset == 1 else "pads"]
        refuse_unless(opset > 1 or all(p >= 0 for p in pads), "negative paddings")
    else:
        assert inputs[1] is not None
        refuse_unless(inputs[1].rank == 1, "pads is no vector")
        pads = inputs[1].integers
    axes = list(range(rank))
    if opset >= 18 and inputs[3] is not None:
        refuse_unless(inputs[3].rank == 1, "axes is no vector")
        axes = inputs[3].integers
        refuse_unless(all(-rank <= a < rank for a in axes), f"axes {axes} of rank {rank}")
        axes = [a % rank for a in axes]
        if len(set(axes)) < len(axes):
            raise Undecided("an axis is repeated")
    refuse_unless(len(pads) == 2 * len(axes), f"{len(pads)} pads for {len(axes)} axes")
    before, after = [0] * rank, [0] * rank
    for i, axis in enumerate(axes):
        before[axis], after[axis] = pads[i], pads[len(axes) + i]
    return before, after


def constant(opset: int, attributes: dict[str, Any], inputs: list[Tensor | None], dtype: str) -> int:
    """The code of the value filled in."""
    if opset < 11:
        return rounded(dtype, (), [Fraction(attributes["value"])]).codes[0]
    given = inputs[2]
    if given is None:
        return code_of_zero(dtype)
    refuse_unless(len(given) == 1, "constant_value is no scalar")
    return given.codes[0]


def pad(opset: int, attributes: dict[str, Any], inputs: list[Tensor | None], outputs: int) -> Answer:
    x = inputs[0]
    assert x is not None
    mode = attributes["mode"]
    modes = ("constant", "reflect", "edge", "wrap") if opset >= 19 else ("constant", "reflect", "edge")
    refuse_unless(mode in modes, f"mode {mode}")
    before, after = sides(opset, attributes, inputs, x.rank)
    shape = [b + d + a for b, d, a in zip(before, x.shape, after)]
    refuse_unless(all(d >= 0 for d in shape), f"more removed than there is: {shape}")
    fill = constant(opset, attributes, inputs, x.dtype) if mode == "constant" else 0
    codes = []
    for at in positions(shape):
        places = [place_of(i - b, d, mode) for i, b, d in zip(at, before, x.shape)]
        inside = [p for p in places if p is not None]
        codes.append(x.codes[offset(inside, x.shape)] if len(inside) == len(places) else fill)
    return Answer([Tensor(x.dtype, tuple(shape), codes)])
