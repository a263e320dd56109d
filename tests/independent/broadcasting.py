"""Broadcasting as Broadcasting.md defines it, and the limited form of opsets before 7."""

from collections.abc import Sequence

from independent.refusal import refuse_unless
from independent.tensors import Tensor, offset


def multidirectional(*shapes: Sequence[int]) -> tuple[int, ...]:
    """The common shape: aligned at the right, each dimension equal, or 1 or missing."""
    rank = max(len(s) for s in shapes)
    result = []
    for axis in range(-rank, 0):
        sizes = {s[axis] for s in shapes if len(s) >= -axis}
        beyond_one = sizes - {1}
        refuse_unless(len(beyond_one) <= 1, f"{shapes} do not broadcast")
        result.append(beyond_one.pop() if beyond_one else 1)
    return tuple(result)


def unidirectional(given: Sequence[int], target: Sequence[int]) -> None:
    """Refuses a shape that does not broadcast to the target."""
    refuse_unless(
        len(given) <= len(target) and multidirectional(given, target) == tuple(target),
        f"{list(given)} does not broadcast to {list(target)}",
    )


def source(position: Sequence[int], shape: Sequence[int]) -> int:
    """Which element of a broadcast tensor stands at a position of the result."""
    own = position[len(position) - len(shape) :] if shape else ()
    return offset([0 if d == 1 else i for i, d in zip(own, shape)], shape)


def limited(a: Tensor, b: Tensor, broadcast: int, axis: int | None) -> tuple[int, ...]:
    """The shape that B takes before it broadcasts to A, in opsets 1 and 6."""
    if not broadcast:
        refuse_unless(a.shape == b.shape, f"{a.shape} and {b.shape} without broadcast=1")
        return b.shape
    # "either be of element size 1 (including a scalar tensor and any tensor with rank equal to or smaller than the
    # first tensor), or having its shape as a contiguous subset of the first tensor's shape"
    refuse_unless(b.rank <= a.rank, f"B has rank {b.rank}, A {a.rank}")
    if len(b) == 1:
        return (1,) * a.rank
    start = a.rank - b.rank if axis is None else axis
    refuse_unless(0 <= start <= a.rank - b.rank, f"axis {axis}")
    refuse_unless(a.shape[start : start + b.rank] == b.shape, f"{b.shape} is no part of {a.shape} at {start}")
    return b.shape + (1,) * (a.rank - start - b.rank)
