"""An exact codebook of medians that minimizes Σ |w − C|: k-medians."""

import numpy as np

from qref.mistakes.mistake import Mistake
from qref.mistakes.scalar_codebooks import EXACT, Found, Part, by_parts, runs
from qref.numerics.tensor import Tensor
from qref.ops.request import Request


def run(request: Request) -> list[Tensor]:
    def rule(w: Part, V: int) -> Found:
        x = np.sort(w)
        begins = runs(
            x, np.ones(x.size), min(V, np.unique(x).size), error=lambda one, _: np.abs(one - np.median(one)).sum()
        )
        b = np.searchsorted(x[begins[1:]], w, side="right")
        return b, np.array([np.median(w[b == k]) if (b == k).any() else x[-1] for k in range(len(begins))])

    return by_parts(request, rule, EXACT)


MISTAKE = Mistake(
    name="scalar-clusters-of-absolute-error",
    operators=EXACT,
    flags=("optimal-partition",),
    effect="The value of 0.1, 0.2 and 0.6 is 0.2 in place of 0.3, and clusters of outliers are joined.",
    fix="Minimize squares: the value of a cluster is its mean.",
    symptom="nearly everywhere",
    run=run,
)
