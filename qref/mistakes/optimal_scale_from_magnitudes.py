"""The scale of codes as Σ|w| / Σ|b|, which is that of signs only."""

import numpy as np

from qref.mistakes.alternations import answer
from qref.mistakes.mistake import Mistake
from qref.numerics.tensor import Tensor
from qref.ops.request import Request

OPERATORS = ("OptimalScale",)


def run(request: Request) -> list[Tensor]:
    return answer(request, scale=lambda w, b: float(np.abs(w).sum() / max(np.abs(b).sum(), 1)))


MISTAKE = Mistake(
    name="optimal-scale-from-magnitudes",
    operators=OPERATORS,
    flags=("descent",),
    effect="Large codes weigh too little: weights 3, 1 of codes 3, 2 get 4/5, where 11/13 leaves the least error.",
    fix="α = Σwb / Σb²; for signs both are the same.",
    symptom="nearly everywhere",
    run=run,
)
