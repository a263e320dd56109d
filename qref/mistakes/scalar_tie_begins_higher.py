"""An exact codebook that takes the highest beginnings of several optimal partitions."""

import numpy as np

from qref.mistakes.mistake import Mistake
from qref.mistakes.scalar_codebooks import EXACT, Found, Part, by_parts, runs
from qref.numerics.tensor import Tensor
from qref.ops.request import Request


def run(request: Request) -> list[Tensor]:
    def rule(w: Part, V: int) -> Found:
        x, n = np.unique(w + 0.0, return_counts=True)
        begins = runs(x, n.astype(np.float64), min(V, x.size), last=True)
        b = np.searchsorted(begins, np.searchsorted(x, w), side="right") - 1
        return b, np.array([w[b == k].mean() for k in range(len(begins))])

    return by_parts(request, rule, EXACT)


MISTAKE = Mistake(
    name="scalar-tie-begins-higher",
    operators=EXACT,
    flags=("partition-tie",),
    effect="0, 1 and 2 become 0.5, 0.5 and 2 in place of 0, 1.5 and 1.5, at the same squared error of 1/2.",
    fix="Of equal sums take the lowest beginning.",
    symptom="only at ties",
    run=run,
)
