"""Block from the flat index: element i of the memory takes scale ⌊i / B⌋, rows that end in a short block included."""

import numpy as np

from qref.errors import Unsupported
from qref.mistakes.linear_granularity import LINEAR, Array, with_blocks
from qref.mistakes.mistake import Mistake
from qref.numerics.tensor import Tensor
from qref.ops.request import Request


def pick(blocks: Array, shape: tuple[int, ...], axis: int, block_size: int) -> Array:
    if axis != len(shape) - 1:
        raise Unsupported("blocks are not along the last axis: the flat index does not follow them")
    flat = np.arange(int(np.prod(shape))).reshape(shape)
    return np.asarray(blocks.reshape(-1)[flat // block_size])


def run(request: Request) -> list[Tensor]:
    return with_blocks(request, pick)


MISTAKE = Mistake(
    name="block-from-flat-index",
    operators=LINEAR,
    flags=("blocked", "short-block"),
    effect=(
        "With rows of 3 and blocks of 2, row 1 begins at element 3 and takes scale ⌊3 / 2⌋ = 1, the last of row 0, "
        "instead of 2. Right where B divides the length of the row."
    ),
    fix="Take the block from the index along the axis, and ⌈D / B⌉ blocks a row.",
    symptom="only in some shapes",
    run=run,
    seen_in=("microsoft/onnxruntime#32663",),
    real=True,
)
