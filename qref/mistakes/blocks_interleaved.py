"""Blocks interleaved: element i along the axis is given scale i mod the number of blocks."""

import numpy as np

from qref.errors import Unsupported
from qref.mistakes.linear_granularity import LINEAR, Array, with_blocks
from qref.mistakes.mistake import Mistake
from qref.numerics.tensor import Tensor
from qref.ops.request import Request


def pick(blocks: Array, shape: tuple[int, ...], axis: int, block_size: int) -> Array:
    if shape[axis] % block_size:
        raise Unsupported("the last block is short: the reshape that interleaves has no shape")
    return np.take(blocks, np.arange(shape[axis]) % max(blocks.shape[axis], 1), axis)


def run(request: Request) -> list[Tensor]:
    return with_blocks(request, pick)


MISTAKE = Mistake(
    name="blocks-interleaved",
    operators=LINEAR,
    flags=("blocked", "axis"),
    effect=(
        "x is reshaped to [block size, blocks] instead of [blocks, block size]: [9, 9, 9, 9] with scales [1, 2] and "
        "zero points [1, 2] in blocks of 2 gives [8, 14, 8, 14] instead of [8, 8, 14, 14]."
    ),
    fix="Split the axis into [blocks, block size], the block size running faster.",
    symptom="only with several channels, rows or blocks",
    run=run,
    seen_in=("openvinotoolkit/openvino#32917",),
    real=True,
)
