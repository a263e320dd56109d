"""An exact ternary fit that takes the last of equally good numbers of weights."""

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
        gain = np.cumsum(size) ** 2 / np.arange(1, w.size + 1)
        j = w.size - int(np.argmax(gain[::-1]))
        return cut(w, float(size[j]) if j < w.size else 0.0)

    return by_parts(request, rule, OPERATORS)


MISTAKE = Mistake(
    name="ternary-tie-takes-more-weights",
    operators=OPERATORS,
    flags=("ternary-tie",),
    effect="3, 1, 1 and 1 become 1.5 four times, where a 3 alone leaves the same squared error of 3.",
    fix="Take the first j that reaches the maximum.",
    symptom="only at ties",
    run=run,
)
