"""The largest number of bins of those with the least divergence, as NVIDIA's pytorch-quantization takes it."""

import numpy as np
from numpy.typing import NDArray

from qref.mistakes.altered_request import check
from qref.mistakes.calibrations import clipped, given
from qref.mistakes.mistake import Mistake
from qref.numerics.tensor import Tensor
from qref.ops.request import Request
from qref.quantizers.calibration.divergence import best, exact_divergence, terms

OPERATORS = ("CalibrateDivergence",)


def run(request: Request) -> list[Tensor]:
    check(request, OPERATORS)
    levels = given(request, "levels", 128)

    def choose(counts: NDArray[np.int64]) -> float:
        if not counts.any():
            return 0.0
        least = best(counts, levels)
        D = exact_divergence(*terms(counts, least, levels))
        tried = ((i, terms(counts, i, levels)) for i in range(least, counts.size + 1))
        return 0.5 + max(i for i, found in tried if found[1].all() and exact_divergence(*found) == D)

    return clipped(request, choose)


MISTAKE = Mistake(
    name="divergence-takes-the-last-of-equals",
    operators=OPERATORS,
    flags=("equal-thresholds",),
    effect="Where several ranges have D = 0, the widest is taken in place of the narrowest.",
    fix="Take the first of equal minima, as the pseudocode does.",
    symptom="only at ties",
    run=run,
)
