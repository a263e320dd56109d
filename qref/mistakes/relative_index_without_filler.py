"""A relative index without padding: a gap that does not fit is cut to its bits."""

import numpy as np

from qref.mistakes.mistake import Mistake
from qref.mistakes.sparse_storages import ENCODE, answer, weights
from qref.numerics.tensor import Tensor
from qref.ops.request import Request


def run(request: Request) -> list[Tensor]:
    flat = weights(request).reshape(-1)
    at = np.flatnonzero(flat)
    return answer(request, (np.diff(at, prepend=-1) - 1).tolist(), flat[at].tolist())


MISTAKE = Mistake(
    name="relative-index-without-filler",
    operators=ENCODE,
    flags=("gap-filler",),
    effect="A gap of 10 in three bits is stored as 2: all numbers behind it are 8 places too early.",
    fix="Put a filler zero wherever more than 2^k − 1 zeros lie in between.",
    symptom="only at the ends of the range",
    run=run,
)
