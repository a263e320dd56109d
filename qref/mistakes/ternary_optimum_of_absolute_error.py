"""An exact ternary fit that maximizes Σ |w| / √j by dropping the square: Σ |w| / j."""

import numpy as np
from numpy.typing import NDArray

from qref.mistakes.mistake import Mistake
from qref.mistakes.ternaries import Part, by_parts, cut
from qref.numerics.tensor import Tensor
from qref.ops.request import Request

OPERATORS = ("TernaryWeightExact",)


def run(request: Request) -> list[Tensor]:
    def rule(w: Part) -> tuple[NDArray[np.int8], float]:
        size = np.sort(np.abs(w))[::-1]
        gain = np.cumsum(size) / np.arange(1, w.size + 1)
        j = int(np.argmax(gain)) + 1
        return cut(w, float(size[j]) if j < w.size else 0.0)

    return by_parts(request, rule, OPERATORS)


MISTAKE = Mistake(
    name="ternary-optimum-of-absolute-error",
    operators=OPERATORS,
    flags=("ternary-threshold", "ternary-tie"),
    effect="The mean of the j largest is largest for j = 1: one weight is left of each part.",
    fix="Square the sum: the error falls by (Σ |w|)² / j.",
    symptom="nearly everywhere",
    run=run,
)
