"""Every sub-matrix draws by the words from 0 on."""

import numpy as np
from numpy.typing import NDArray

from qref.mistakes.altered_request import check
from qref.mistakes.clusterings import Engine
from qref.mistakes.mistake import Mistake
from qref.numerics.tensor import Tensor
from qref.ops.request import Request

OPERATORS = ("ProductCodebook",)


def those_of_the_first(words: NDArray[np.uint32]) -> NDArray[np.uint32]:
    """The words of sub-matrix 0 for all."""
    return np.broadcast_to(words[:1], words.shape)


def run(request: Request) -> list[Tensor]:
    check(request, OPERATORS)
    return Engine(words=those_of_the_first).run(request)


MISTAKE = Mistake(
    name="subvectors-share-draws",
    operators=OPERATORS,
    flags=("several-submatrices",),
    effect="Sub-matrices 1, 2, … begin with the draws of sub-matrix 0.",
    fix="Sub-matrix s takes the words from s·V on.",
    symptom="only with several channels, rows or blocks",
    run=run,
)
