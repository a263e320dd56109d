"""Lloyd's algorithm that gives an empty cluster the centroid 0: a sum of nothing, divided by at least one."""

import numpy as np
from numpy.typing import NDArray

from qref.mistakes.mistake import Mistake
from qref.mistakes.scalar_codebooks import LLOYD, Part, lloyd
from qref.numerics.tensor import Tensor
from qref.ops.request import Request


def run(request: Request) -> list[Tensor]:
    def step(w: Part, b: NDArray[np.int64], C: Part) -> Part:
        return np.array([w[b == k].sum() / max((b == k).sum(), 1) for k in range(C.size)])

    return lloyd(request, step=step)


MISTAKE = Mistake(
    name="scalar-empty-cluster-becomes-zero",
    operators=LLOYD,
    flags=("empty-cluster",),
    effect="Two heaps of weights and a start of 4 values: those in between become 0, and the codebook no longer rises.",
    fix="Leave the centroid of an empty cluster as it is.",
    symptom="only in some shapes",
    run=run,
)
