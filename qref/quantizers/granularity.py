"""Granularity: which weights of a tensor share a scale (or a codebook)."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qref.errors import InvalidInput

KINDS = ("tensor", "channel", "group")


@dataclass(frozen=True)
class Granularity:
    """All weights ("tensor"), those of each output channel ("channel"), or `size` neighbours inside one ("group").

    Output channels are the first axis; a channel's weights lie in C order, and are cut into groups from the first on.
    The last group of a channel may be short.
    """

    kind: str
    size: int = 0

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise InvalidInput(f"granularity {self.kind!r} is not one of {', '.join(KINDS)}")
        if (self.kind == "group") != (self.size > 0):
            raise InvalidInput(
                f"granularity {self.kind} with groups of {self.size}: only groups have a size, from 1 on"
            )

    def __str__(self) -> str:
        return f"group of {self.size}" if self.kind == "group" else self.kind

    def parts(self, W: NDArray[Any]) -> Iterator[NDArray[Any]]:
        """The parts of W, each a view of one dimension; writing to it writes to W, which must be contiguous."""
        if self.kind == "tensor":
            yield W.reshape(-1)
            return
        for channel in channels(W):
            step = self.size if self.kind == "group" else max(channel.size, 1)
            for begin in range(0, max(channel.size, 1), step):
                yield channel[begin : begin + step]

    def count(self, shape: tuple[int, ...]) -> int:
        """The number of parts of a tensor of this shape."""
        if self.kind == "tensor":
            return 1
        M, K = matrix(shape)
        return M * (1 if self.kind == "channel" else max(-(-K // self.size), 1))

    def spread(self, values: NDArray[Any], shape: tuple[int, ...]) -> NDArray[Any]:
        """One value a part → one a weight: an array that broadcasts to `shape`."""
        if self.kind == "tensor" or not shape:
            return values.reshape((1,) * len(shape))
        M, K = matrix(shape)
        if self.kind == "channel":
            return values.reshape(M, *(1,) * (len(shape) - 1))
        # a group longer than a channel is the channel
        return np.repeat(values.reshape(M, -1), min(self.size, K), axis=1)[:, :K].reshape(shape)


TENSOR = Granularity("tensor")
CHANNEL = Granularity("channel")


def matrix(shape: tuple[int, ...]) -> tuple[int, int]:
    """Output channels M and weights K of each."""
    M = shape[0] if shape else 1
    return M, int(np.prod(shape[1:]))


def channels(W: NDArray[Any]) -> Iterator[NDArray[Any]]:
    """The weights of each output channel, as a view of one dimension."""
    yield from W.reshape(matrix(W.shape))
