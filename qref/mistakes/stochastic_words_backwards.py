"""The four words of a Philox block taken from the last to the first."""

import numpy as np
from numpy.typing import NDArray

from qref.mistakes.altered_request import check
from qref.mistakes.binary_schemes import Array, drawn
from qref.mistakes.mistake import Mistake
from qref.numerics.tensor import Tensor
from qref.ops.request import Request

OPERATORS = ("BinaryConnect",)


def run(request: Request) -> list[Tensor]:
    check(request, OPERATORS)

    def backwards(W: Array, word: NDArray[np.uint32]) -> NDArray[np.bool_]:
        block = np.resize(word.reshape(-1), -(-W.size // 4) * 4).reshape(-1, 4)[:, ::-1]
        found: NDArray[np.bool_] = block.reshape(-1)[: W.size].reshape(W.shape) * 2.0**-31 - 1 < W
        return found

    return drawn(request, backwards)


MISTAKE = Mistake(
    name="stochastic-words-backwards",
    operators=OPERATORS,
    flags=("stochastic",),
    effect="Weight 0 is compared with word 3 of its block, weight 1 with word 2: other signs from the same seed.",
    fix="Element i takes word i mod 4 of block ⌊i/4⌋.",
    symptom="nearly everywhere",
    run=run,
)
