"""QuantizeLinear and DequantizeLinear with scales and zero points that reach the wrong elements."""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qref.errors import Unsupported
from qref.mistakes.altered_request import check, rerun
from qref.numerics.tensor import Tensor
from qref.ops.request import Request

LINEAR = ("QuantizeLinear", "DequantizeLinear")
SCALE, ZERO_POINT = 1, 2

Array = NDArray[Any]

# the parameters of all blocks, the shape of x, the axis (from the front) and the block size, to one value an element
Pick = Callable[[Array, tuple[int, ...], int, int], Array]


def require_per_axis(request: Request) -> None:
    """Raises Unsupported unless the scale has one value a slice along an axis."""
    check(request, LINEAR)
    scale = request.inputs[SCALE]
    if scale is None or scale.data.ndim != 1 or request.attributes.get("block_size", 0):
        raise Unsupported("the mistake is one with a scale for each slice along an axis")


def with_blocks(request: Request, pick: Pick) -> list[Tensor]:
    """The reference's answer where scale and zero point of each element are what `pick` finds for it."""
    check(request, LINEAR)
    x, block_size = request.inputs[0], request.attributes.get("block_size", 0)
    if x is None or not block_size:
        raise Unsupported("the mistake is one with blocks")
    axis = request.attributes.get("axis", 1) % x.data.ndim
    found = {i: t for i, t in enumerate(request.inputs) if i in (SCALE, ZERO_POINT) and t is not None}
    each = {i: Tensor(t.dtype, pick(t.data, x.shape, axis, block_size)) for i, t in found.items()}
    return rerun(request, inputs=each, attributes={"block_size": 1})


def by_block(choose: Callable[[Array, int], Array]) -> Pick:
    """The pick that takes block `choose(i, B)` for the elements i along the axis; x's other dimensions are right."""

    def pick(blocks: Array, shape: tuple[int, ...], axis: int, block_size: int) -> Array:
        return np.take(blocks, choose(np.arange(shape[axis]), block_size), axis)

    return pick
