"""A density start at the quantiles 0, 1/(V − 1), …, 1."""

import numpy as np
from numpy.typing import NDArray

from qref.mistakes.mistake import Mistake
from qref.mistakes.scalar_codebooks import LLOYD, Part, lloyd, started
from qref.numerics.tensor import Tensor
from qref.ops.request import Request


def run(request: Request) -> list[Tensor]:
    right = started(request)

    def start(w: Part, V: int, words: NDArray[np.uint32]) -> Part:
        if request.attributes.get("start", "linear") != "density":
            return right(w, V, words)
        places = np.round(np.linspace(0, w.size - 1, V)).astype(np.int64)
        return np.asarray(np.sort(w)[places])

    return lloyd(request, start=start)


MISTAKE = Mistake(
    name="scalar-density-start-at-the-ends",
    operators=LLOYD,
    flags=("start-density",),
    effect="The outer 2 centroids are the least and the largest weight, outliers of a bell, and clusters differ.",
    fix="Take the middle of each of V equal shares: the quantiles (j + 1/2) / V.",
    symptom="nearly everywhere",
    run=run,
)
