"""MaxPool: the largest element of each window, and where it stands.

ONNX MaxPool-22: "The output of each pooling window is maximum number of elements exclude pad." "The indices are
computed as flatten 1-D tensor, and the indices do not consider padding."
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qref.errors import NotFixed
from qref.numerics.floats import decode
from qref.numerics.tensor import Tensor
from qref.ops.check import dtype, require
from qref.ops.onnx.float_types import listed
from qref.ops.onnx.pooling_windows import ATTRIBUTES, pooling
from qref.ops.operator import Attribute, Operator

NOWHERE = np.iinfo(np.int64).max

Indices = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Maxima:
    """Where the maximum of each window stands.

    `places` [k1·k2·…, N, C, o1, …] holds the row-major place in X of each tap that is a maximum, and NOWHERE.
    """

    places: Indices

    def numbered(self, number: Any) -> list[Indices]:
        """The i-th lowest index of each window's maxima under another numbering, the lowest where it has fewer."""
        there = self.places != NOWHERE
        indices = np.where(there, number(np.where(there, self.places, 0)), NOWHERE)
        ranks = np.sort(indices, axis=0)[: int(there.sum(axis=0).max(initial=1))]
        return [np.where(rank == NOWHERE, ranks[0], rank) for rank in ranks]


def max_pool(X: Tensor, *, storage_order: int = 0, opset: int = 22, **attributes: Any) -> tuple[Tensor, Tensor]:
    """Y, the largest element of each window, and Indices, the lowest index where it stands.

    Args:
        X: [N, C, D1, …] float16, float32, float64; from opset 12 int8 and uint8; from 22 bfloat16.
        storage_order: 0 counts indices in row-major order, 1 in column-major order.

    Returns:
        Y [N, C, o1, …] of X's type, Indices int64 of the same shape.

    Raises:
        InvalidInput: types, shapes or attributes that the text rejects.
        NotFixed: NaN, or a window without elements.
    """
    require(storage_order in (0, 1), f"storage_order is {storage_order}: give 0 or 1")
    found = maxima(X, opset, **attributes)
    [first, *_] = found.numbered(lambda place: place)
    [lowest, *_] = found.numbered(lambda place: index(place, X.shape, storage_order))
    return Tensor(X.dtype, X.data.ravel()[first]), Tensor("int64", lowest)


def maxima(
    X: Tensor,
    opset: int,
    auto_pad: str = "NOTSET",
    ceil_mode: int = 0,
    dilations: Sequence[int] | None = None,
    kernel_shape: Sequence[int] | None = None,
    pads: Sequence[int] | None = None,
    strides: Sequence[int] | None = None,
) -> Maxima:
    """All places of each window's maximum. Raises as `max_pool` does."""
    dtype("X", X, listed(opset, (12, ["int8", "uint8"]), (22, ["bfloat16"])))
    found = pooling(X.shape, kernel_shape, auto_pad, ceil_mode, dilations, pads, strides, opset)
    x = decode(X)
    if np.isnan(x).any():
        raise NotFixed("X holds NaN: no text says whether it is the maximum")
    if not found.elements(with_padding=False).all():
        raise NotFixed("a window covers no element: no text says what a maximum of nothing is")
    if not X.data.size:
        return Maxima(np.zeros((1, *X.shape[:2], *found.output), np.int64))
    # 0 marks what hangs over the image
    counted = found.gather(np.arange(1, X.data.size + 1).reshape(X.shape))
    values = np.where(counted > 0, x.ravel()[counted - 1], -np.inf)
    highest = (counted > 0) & (values == values.max(axis=0))
    return Maxima(np.where(highest, counted - 1, NOWHERE))


def index(place: Indices, shape: tuple[int, ...], storage_order: int) -> Indices:
    """The index of a row-major place in X, in row-major (0) or column-major (1) order of all dimensions."""
    if storage_order == 0:
        return place
    return np.ravel_multi_index(np.unravel_index(place, shape), shape, order="F")


def spatial_index(place: Indices, shape: tuple[int, ...]) -> Indices:
    """The index of a row-major place in X, with column-major order in the spatial dimensions of each channel alone."""
    channel, pixel = np.divmod(place, int(np.prod(shape[2:])))
    return channel * int(np.prod(shape[2:])) + index(pixel, shape[2:], 1)


def other_indices(
    X: Tensor, *, storage_order: int = 0, opset: int = 22, **attributes: Any
) -> list[tuple[str, tuple[Tensor, ...]]]:
    """The indices of equal maxima, and column-major ones that leave N and C as they are: the text names neither."""
    y, _ = max_pool(X, storage_order=storage_order, opset=opset, **attributes)
    found = maxima(X, opset, **attributes)
    ways = [("another of equal maxima", found.numbered(lambda place: index(place, X.shape, storage_order))[1:])]
    if storage_order == 1:
        within = found.numbered(lambda place: spatial_index(place, X.shape))
        ways.append(("column-major in the spatial dimensions alone", within))
    return [(reason, (y, Tensor("int64", indices))) for reason, every in ways for indices in every]


MAX_POOL = Operator(
    "MaxPool",
    "",
    opsets=(1, 8, 10, 11, 12, 22),
    inputs=(1, 1),
    outputs=2,
    attributes={
        **ATTRIBUTES,
        "dilations": Attribute("ints", since=10),
        "storage_order": Attribute("int", 0, since=8),
    },
    function=max_pool,
    alternatives=other_indices,
)
