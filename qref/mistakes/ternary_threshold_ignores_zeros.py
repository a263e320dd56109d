"""The ternary threshold from the mean of the weights that are not 0."""

import numpy as np
from numpy.typing import NDArray

from qref.mistakes.mistake import Mistake
from qref.mistakes.ternaries import Part, by_parts, cut
from qref.numerics.tensor import Tensor
from qref.ops.request import Request

OPERATORS = ("TernaryWeight",)


def run(request: Request) -> list[Tensor]:
    def rule(w: Part) -> tuple[NDArray[np.int8], float]:
        others = w[w != 0]
        return cut(w, 0.7 * float(np.abs(others).mean()) if others.size else 0.0)

    return by_parts(request, rule)


MISTAKE = Mistake(
    name="ternary-threshold-ignores-zeros",
    operators=OPERATORS,
    flags=("ternary-threshold",),
    effect="If 3 of a part's 6 weights are 0, the threshold is 2 times as high, and more weights become 0.",
    fix="Divide Σ |w| by the number of all weights of the part.",
    symptom="only at zero",
    run=run,
)
