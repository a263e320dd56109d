"""An exact codebook of the distinct weights, each counted once."""

import numpy as np

from qref.mistakes.mistake import Mistake
from qref.mistakes.scalar_codebooks import EXACT, Found, Part, by_parts, runs
from qref.numerics.tensor import Tensor
from qref.ops.request import Request


def run(request: Request) -> list[Tensor]:
    def rule(w: Part, V: int) -> Found:
        x = np.unique(w + 0.0)
        begins = runs(x, np.ones(x.size), min(V, x.size))
        return np.searchsorted(begins, np.searchsorted(x, w), side="right") - 1, np.array(
            [run.mean() for run in np.split(x, begins[1:])]
        )

    return by_parts(request, rule, EXACT)


MISTAKE = Mistake(
    name="scalar-duplicates-count-once",
    operators=EXACT,
    flags=("duplicates",),
    effect="Of a pruned layer 7 of 12 weights are 0, and count as 1: their cluster's mean moves away from 0.",
    fix="Weigh each distinct weight by how often it occurs.",
    symptom="nearly everywhere",
    run=run,
)
