"""A linear start from −max |w| to max |w|."""

import numpy as np
from numpy.typing import NDArray

from qref.mistakes.mistake import Mistake
from qref.mistakes.scalar_codebooks import LLOYD, Part, lloyd, started
from qref.numerics.tensor import Tensor
from qref.ops.request import Request


def run(request: Request) -> list[Tensor]:
    right = started(request)

    def start(w: Part, V: int, words: NDArray[np.uint32]) -> Part:
        most = np.abs(w).max()
        return (
            np.linspace(-most, most, V) if request.attributes.get("start", "linear") == "linear" else right(w, V, words)
        )

    return lloyd(request, start=start)


MISTAKE = Mistake(
    name="scalar-linear-start-over-largest-magnitude",
    operators=LLOYD,
    flags=("start-linear",),
    effect="Of weights between 1 and 2 the start -2 to 2 leaves half of the values without weights, 2 of 4.",
    fix="Space the centroids between min w and max w.",
    symptom="nearly everywhere",
    run=run,
)
