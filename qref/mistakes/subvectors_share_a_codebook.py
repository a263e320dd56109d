"""The codebook of the first sub-matrix serves all that are as wide."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qref.mistakes.altered_request import check
from qref.mistakes.clusterings import Engine, first, squared
from qref.mistakes.mistake import Mistake
from qref.numerics.tensor import Tensor
from qref.ops.request import Request

OPERATORS = ("ProductCodebook",)


@dataclass(frozen=True)
class Shared(Engine):
    """An engine that keeps one codebook."""

    def codebooks(self, rows: NDArray[np.float32], given: dict[str, Any]) -> list[Tensor]:
        """Codes of all sub-vectors of whole length in the first codebook."""
        found = super().codebooks(rows, given)
        codes, books = (one.data for one in found)
        d = given["length"]
        for s in range(1, rows.shape[1] // d):
            columns = slice(s * d, s * d + d)
            books[:, columns] = books[:, :d]
            X, C = (part.astype(np.float64) for part in (rows[:, columns], books[:, :d]))
            codes[:, s] = first(squared(X, C)) if len(X) else codes[:, s]
        return found


def run(request: Request) -> list[Tensor]:
    check(request, OPERATORS)
    return Shared().run(request)


MISTAKE = Mistake(
    name="subvectors-share-a-codebook",
    operators=OPERATORS,
    flags=("several-submatrices",),
    effect="Sub-matrices 1, 2, … get the codewords of sub-matrix 0, whose weights they have nothing to do with.",
    fix="Each sub-matrix has a codebook of its own.",
    symptom="only with several channels, rows or blocks",
    run=run,
)
