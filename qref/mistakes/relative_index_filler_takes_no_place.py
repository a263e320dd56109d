"""A filler that is not counted as one of the zeros."""

import numpy as np

from qref.mistakes.mistake import Mistake
from qref.mistakes.sparse_storages import ENCODE, answer, gap_bits, weights, with_fillers
from qref.numerics.tensor import Tensor
from qref.ops.request import Request


def run(request: Request) -> list[Tensor]:
    flat, largest = weights(request).reshape(-1), (1 << gap_bits(request)) - 1
    return answer(request, *with_fillers(np.flatnonzero(flat), flat, largest, largest))


MISTAKE = Mistake(
    name="relative-index-filler-takes-no-place",
    operators=ENCODE,
    flags=("gap-filler",),
    effect="18 zeros in four bits become 15, a filler and 3: the number behind is 1 place too late.",
    fix="A filler stands at one of the zeros: 18 zeros are 15, the filler and 2.",
    symptom="only at the ends of the range",
    run=run,
)
