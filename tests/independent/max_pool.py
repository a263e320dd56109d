"""MaxPool (1, 8, 10, 11, 12, 22), with Indices."""

from typing import Any

from independent.answers import Answer
from independent.extended import NAN, less
from independent.pooling_windows import windows
from independent.refusal import Undecided, refuse_unless
from independent.tensors import Tensor, int64, offset, positions


def flat_index(position: tuple[int, ...], shape: tuple[int, ...], column_major: bool) -> int:
    """ "The indices are computed as flatten 1-D tensor"; "the values in indices are in [0, N x C x D1 x ... x Dn)"."""
    if not column_major:
        return offset(position, shape)
    # Reading: storage_order "is used only to convert an n-tuple index value into a single integer value": the whole
    # n-tuple (n, c, d1 …) with its first index fastest.
    return offset(position[::-1], shape[::-1])


def flat_index_of_planes(position: tuple[int, ...], shape: tuple[int, ...]) -> int:
    """The other reading of storage_order 1: batch and channel stay outside, the spatial indices turn round."""
    return offset((*position[:2], *position[:1:-1]), (*shape[:2], *shape[:1:-1]))


def max_pool(opset: int, attributes: dict[str, Any], inputs: list[Tensor | None], outputs: int) -> Answer:
    x = inputs[0]
    assert x is not None
    refuse_unless(x.rank >= 3, f"X has rank {x.rank}")
    refuse_unless(opset >= 8 or outputs == 1, "Indices since opset 8")
    axes = windows("MaxPool", opset, attributes, x.shape[2:])
    shape = (*x.shape[:2], *(a.out for a in axes))
    column_major = attributes.get("storage_order", 0) != 0
    first, last = [], []
    for n, c, *o in positions(shape):
        taps = [axis.taps(i) for axis, i in zip(axes, o)]
        places = [
            (n, c, *(t[i] for t, i in zip(taps, choice)))
            for choice in positions([len(t) for t in taps])
            if all(axis.inside(t[i]) for axis, t, i in zip(axes, taps, choice))
        ]
        if not places:
            raise Undecided("a window without input elements")
        first.append(greatest(x, places))
        last.append(greatest(x, places[::-1]))
    result = picked(x, shape, first, [flat_index(p, x.shape, column_major) for p in first])
    others = {"the last of equal maxima": picked(x, shape, last, [flat_index(p, x.shape, column_major) for p in last])}
    if column_major:
        planes = [flat_index_of_planes(p, x.shape) for p in first]
        others["column-major in each plane"] = picked(x, shape, first, planes)
    return Answer(result[:outputs], others={why: other[:outputs] for why, other in others.items()})


def picked(x: Tensor, shape: tuple[int, ...], places: list[tuple[int, ...]], indices: list[int]) -> list[Tensor]:
    return [Tensor(x.dtype, shape, [x.codes[offset(p, x.shape)] for p in places]), int64(shape, indices)]


def greatest(x: Tensor, places: list[tuple[int, ...]]) -> tuple[int, ...]:
    """The first of the greatest elements. Reading: in C order (readings.md 6)."""
    best = places[0]
    for place in places:
        at, so_far = offset(place, x.shape), offset(best, x.shape)
        if x.is_integer:
            best = place if x.integers[at] > x.integers[so_far] else best
            continue
        if x.values[at] is NAN:
            raise Undecided("NaN in MaxPool")
        best = place if less(x.values[so_far], x.values[at]) else best
    return best
