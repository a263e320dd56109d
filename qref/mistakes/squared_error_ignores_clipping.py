"""A threshold of least squared error among the numbers it does not clip."""

import numpy as np
from numpy.typing import NDArray

from qref.mistakes.altered_request import check
from qref.mistakes.calibrations import clipped, given
from qref.mistakes.mistake import Mistake
from qref.numerics.tensor import Tensor
from qref.ops.request import Request

OPERATORS = ("CalibrateSquaredError",)


def run(request: Request) -> list[Tensor]:
    check(request, OPERATORS)
    K = given(request, "highest", 127)

    def choose(counts: NDArray[np.int64]) -> float:
        if not counts.any():
            return 0.0
        c = np.arange(counts.size) + 0.5
        errors = []
        for T in range(1, counts.size + 1):
            q = np.floor(c * K / T + 0.5) * T / K
            errors.append(float((counts * (c - q) ** 2)[:T].sum()))
        return float(np.argmin(errors)) + 1

    return clipped(request, choose)


MISTAKE = Mistake(
    name="squared-error-ignores-clipping",
    operators=OPERATORS,
    flags=("clipping-error",),
    effect="The smaller the range, the less error is counted: the range shrinks to 1 bin.",
    fix="Count the error of what is clipped, and that of what is rounded.",
    symptom="nearly everywhere",
    run=run,
)
