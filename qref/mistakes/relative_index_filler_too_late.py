"""No filler where exactly 2^k zeros lie in between: the gap wraps to 0."""

import numpy as np

from qref.mistakes.mistake import Mistake
from qref.mistakes.sparse_storages import ENCODE, answer, gap_bits, weights
from qref.numerics.tensor import Tensor
from qref.ops.request import Request


def run(request: Request) -> list[Tensor]:
    flat, largest = weights(request).reshape(-1), (1 << gap_bits(request)) - 1
    gaps: list[int] = []
    values: list[float] = []
    before = -1
    for place in np.flatnonzero(flat).tolist():
        while place - before - 1 > largest + 1:
            before += largest + 1
            gaps.append(largest)
            values.append(0.0)
        gaps.append(place - before - 1)
        values.append(float(flat[place]))
        before = place
    return answer(request, gaps, values)


MISTAKE = Mistake(
    name="relative-index-filler-too-late",
    operators=ENCODE,
    flags=("gap-limit",),
    effect="8 zeros in three bits are stored as 0.",
    fix="Compare with 2^k − 1, the largest number of k bits.",
    symptom="only at the ends of the range",
    run=run,
)
