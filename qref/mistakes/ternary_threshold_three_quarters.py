"""A ternary threshold of 0.75 times the mean magnitude."""

import numpy as np

from qref.mistakes.mistake import Mistake
from qref.mistakes.ternaries import by_parts, cut
from qref.numerics.tensor import Tensor
from qref.ops.request import Request

OPERATORS = ("TernaryWeight",)


def run(request: Request) -> list[Tensor]:
    return by_parts(request, lambda w: cut(w, 0.75 * float(np.abs(w).mean())))


MISTAKE = Mistake(
    name="ternary-threshold-three-quarters",
    operators=OPERATORS,
    flags=("ternary-threshold",),
    effect="Weights between 0.7 and 0.75 of the mean magnitude become 0, and the scale moves with them.",
    fix="Take 0.7 · mean |w|, as the paper of 2016 and its code have it; 0.75 is printed in the edition of 2022.",
    symptom="nearly everywhere",
    run=run,
)
