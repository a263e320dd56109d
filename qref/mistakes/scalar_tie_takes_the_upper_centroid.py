"""Lloyd's algorithm that gives a weight in the middle of two centroids to the upper one."""

import numpy as np
from numpy.typing import NDArray

from qref.mistakes.mistake import Mistake
from qref.mistakes.scalar_codebooks import LLOYD, Part, lloyd
from qref.numerics.tensor import Tensor
from qref.ops.request import Request


def run(request: Request) -> list[Tensor]:
    def nearest(w: Part, C: Part) -> NDArray[np.int64]:
        found: NDArray[np.int64] = C.size - 1 - np.abs(w[:, np.newaxis] - C[::-1]).argmin(axis=1)
        return found

    return lloyd(request, nearest=nearest)


MISTAKE = Mistake(
    name="scalar-tie-takes-the-upper-centroid",
    operators=LLOYD,
    flags=("middle-weight",),
    effect="Of -2, 0 and 2 in 2 clusters the 0 goes to 2, and the values are -2 and 1 in place of -1 and 2.",
    fix="Take the lower of two centroids that are equally near: w ≤ (a + b) / 2.",
    symptom="only at ties",
    run=run,
)
