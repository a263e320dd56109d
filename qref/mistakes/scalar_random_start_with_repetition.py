"""A random start that draws each weight anew from all of them."""

import numpy as np
from numpy.typing import NDArray

from qref.mistakes.mistake import Mistake
from qref.mistakes.scalar_codebooks import LLOYD, Part, lloyd, started
from qref.numerics.tensor import Tensor
from qref.ops.request import Request


def run(request: Request) -> list[Tensor]:
    right = started(request)

    def start(w: Part, V: int, words: NDArray[np.uint32]) -> Part:
        if request.attributes.get("start", "linear") != "random":
            return right(w, V, words)
        return np.array([w[word * w.size >> 32] for word in words.tolist()])

    return lloyd(request, start=start)


MISTAKE = Mistake(
    name="scalar-random-start-with-repetition",
    operators=LLOYD,
    flags=("start-random", "random-stream"),
    effect="A weight is drawn twice, so that 4 values begin with 3 centroids; later draws pick other weights.",
    fix="Draw from the weights that were not drawn yet.",
    symptom="nearly everywhere",
    run=run,
)
