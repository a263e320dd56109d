"""A ternary threshold of 0.05 times the largest magnitude, as trained ternary quantization has it."""

import numpy as np

from qref.mistakes.mistake import Mistake
from qref.mistakes.ternaries import by_parts, cut
from qref.numerics.tensor import Tensor
from qref.ops.request import Request

OPERATORS = ("TernaryWeight",)


def run(request: Request) -> list[Tensor]:
    return by_parts(request, lambda w: cut(w, 0.05 * float(np.abs(w).max())))


MISTAKE = Mistake(
    name="ternary-threshold-from-maximum",
    operators=OPERATORS,
    flags=("ternary-threshold",),
    effect="Nearly every weight passes the threshold, so that T is a sign and α the mean of all.",
    fix="Take 0.7 · mean |w|: 0.05 · max |w| belongs to trained ternary quantization, whose scales are learnt.",
    symptom="nearly everywhere",
    run=run,
)
