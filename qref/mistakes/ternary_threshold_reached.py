"""Ternary weights by w ≥ Δ and w ≤ −Δ: a weight on the threshold counts."""

import numpy as np
from numpy.typing import NDArray

from qref.mistakes.mistake import Mistake
from qref.mistakes.ternaries import Part, by_parts, scale
from qref.numerics.tensor import Tensor
from qref.ops.request import Request

OPERATORS = ("TernaryWeight",)


def run(request: Request) -> list[Tensor]:
    def rule(w: Part) -> tuple[NDArray[np.int8], float]:
        delta = 0.7 * float(np.abs(w).mean())
        T = np.where(w >= delta, 1, np.where(w <= -delta, -1, 0)).astype(np.int8)
        return T, scale(w, T)

    return by_parts(request, rule)


MISTAKE = Mistake(
    name="ternary-threshold-reached",
    operators=OPERATORS,
    flags=("ternary-threshold", "sign-of-zero"),
    effect="Where all weights of a part are 0 so is the threshold: zeros reach it, and become +1.",
    fix="Compare strictly: |w| > Δ.",
    symptom="only at zero",
    run=run,
)
