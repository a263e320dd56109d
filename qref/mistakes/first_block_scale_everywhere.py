"""First block's scale everywhere: along the axis, the first block's scale and zero point serve all."""

import numpy as np

from qref.mistakes.linear_granularity import LINEAR, by_block, with_blocks
from qref.mistakes.mistake import Mistake
from qref.numerics.tensor import Tensor
from qref.ops.request import Request


def run(request: Request) -> list[Tensor]:
    return with_blocks(request, by_block(lambda i, B: np.zeros_like(i)))


MISTAKE = Mistake(
    name="first-block-scale-everywhere",
    operators=LINEAR,
    flags=("blocked",),
    effect=(
        "block_size is not read and the scale's first element along the axis broadcast: [1, 1, 1, 1] with scales [1, "
        "2] in blocks of 2 gives [1, 1, 1, 1] instead of [1, 1, 2, 2]."
    ),
    fix="Element i along the axis has scale ⌊i / B⌋.",
    symptom="only with several channels, rows or blocks",
    run=run,
)
