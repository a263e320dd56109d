"""A filler where exactly 2^k − 1 zeros lie in between, which still fit."""

import numpy as np

from qref.mistakes.mistake import Mistake
from qref.mistakes.sparse_storages import ENCODE, answer, gap_bits, weights, with_fillers
from qref.numerics.tensor import Tensor
from qref.ops.request import Request


def run(request: Request) -> list[Tensor]:
    flat, k = weights(request).reshape(-1), gap_bits(request)
    if k == 1:
        return answer(request, *with_fillers(np.flatnonzero(flat), flat, 0, 1))
    largest = (1 << k) - 2
    return answer(request, *with_fillers(np.flatnonzero(flat), flat, largest, largest + 1))


MISTAKE = Mistake(
    name="relative-index-filler-too-early",
    operators=ENCODE,
    flags=("gap-limit",),
    effect="Gaps of three bits end at 6: a filler more after 7 zeros.",
    fix="A gap may be 2^k − 1, a difference 2^k.",
    symptom="only at the ends of the range",
    run=run,
)
