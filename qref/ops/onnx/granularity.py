"""Granularity of a scale or zero point: per tensor, per axis, or blocked, spread to one value an element."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from qref.errors import NotFixed
from qref.ops.check import require


def spread(scale: NDArray[Any], shape: tuple[int, ...], axis: int, block_size: int) -> NDArray[Any]:
    """The scale that belongs to each element of a tensor of `shape`, as an array that broadcasts to it.

    A scalar belongs to all; scale [D_axis] to the slices along `axis`; with block_size B > 0 a scale of the
    tensor's rank to blocks of B elements along `axis`, the last of which may be shorter: element i has scale ⌊i/B⌋.

    Raises:
        InvalidInput: axis or block size out of range, or a shape that fits none of the three.
        NotFixed: a rank-1 tensor with a 1-D scale and an axis it does not have, where the text contradicts itself.
    """
    rank = len(shape)
    require(block_size >= 0, f"block_size is {block_size}: give a positive integer, or 0 for none")
    if scale.ndim == 0:
        require(block_size == 0, f"block_size is {block_size} beside a scalar scale")
        return scale
    if rank == 1 and not -1 <= axis <= 0:
        raise NotFixed(f"axis {axis} on rank 1: the text both rejects and ignores it; give axis 0")
    require(-rank <= axis < rank, f"axis is {axis}: rank {rank} takes {-rank} to {rank - 1}")
    axis %= rank
    if block_size == 0:
        require(
            scale.shape == (shape[axis],),
            f"scale has shape {list(scale.shape)}: axis {axis} of {list(shape)} takes [{shape[axis]}]",
        )
        return scale.reshape([-1 if i == axis else 1 for i in range(rank)])
    blocks = list(shape)
    blocks[axis] = -(-shape[axis] // block_size)
    require(
        list(scale.shape) == blocks,
        f"scale has shape {list(scale.shape)}: blocks of {block_size} along axis {axis} of {list(shape)} take {blocks}",
    )
    return np.repeat(scale, block_size, axis)[tuple(slice(n) for n in shape)]
