"""A density start that cuts the range of the weights evenly in place of their number."""

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
        return w.min() + (np.arange(V) + 0.5) / V * (w.max() - w.min())

    return lloyd(request, start=start)


MISTAKE = Mistake(
    name="scalar-density-start-from-the-range",
    operators=LLOYD,
    flags=("start-density",),
    effect="The first centroids lie at 1/8, 3/8 … of the range, where a bell has few weights, not at quantiles.",
    fix="Take the weights at which the cumulative distribution reaches (j + 1/2) / V.",
    symptom="nearly everywhere",
    run=run,
)
