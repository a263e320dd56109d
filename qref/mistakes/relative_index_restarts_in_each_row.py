"""Gaps counted anew from the beginning of each row."""

import numpy as np

from qref.mistakes.mistake import Mistake
from qref.mistakes.sparse_storages import ENCODE, answer, gap_bits, weights, with_fillers
from qref.numerics.tensor import Tensor
from qref.ops.request import Request


def run(request: Request) -> list[Tensor]:
    W, largest = weights(request), (1 << gap_bits(request)) - 1
    gaps: list[int] = []
    values: list[float] = []
    for row in W.reshape(W.shape[0] if W.ndim else 1, int(np.prod(W.shape[1:]))):
        more = with_fillers(np.flatnonzero(row), row, largest, largest + 1)
        gaps += more[0]
        values += more[1]
    return answer(request, gaps, values)


MISTAKE = Mistake(
    name="relative-index-restarts-in-each-row",
    operators=ENCODE,
    flags=("relative-index",),
    effect="A row of 10 with its last 4 weights pruned: what follows comes 4 places too early.",
    fix="Go through the whole tensor in C order, rows one behind the other.",
    symptom="only with several channels, rows or blocks",
    run=run,
)
