"""Short block takes the scale before: ⌊D / B⌋ blocks are counted, and what is left over joins the last."""

import numpy as np

from qref.mistakes.linear_granularity import LINEAR, by_block, with_blocks
from qref.mistakes.mistake import Mistake
from qref.numerics.tensor import Tensor
from qref.ops.request import Request


def run(request: Request) -> list[Tensor]:
    return with_blocks(request, by_block(lambda i, B: np.minimum(i // B, max(len(i) // B - 1, 0))))


MISTAKE = Mistake(
    name="short-block-takes-scale-before",
    operators=LINEAR,
    flags=("blocked", "short-block"),
    effect=(
        "[1, 1, 1] with scales [1, 2] in blocks of 2 gives [1, 1, 1] instead of [1, 1, 2]. Right where B divides the "
        "length."
    ),
    fix="Count ⌈D / B⌉ blocks; the last may be short.",
    symptom="only in some shapes",
    run=run,
)
