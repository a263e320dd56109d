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
    effect="Nearly every weight passes: of 1, 0.2 and 0.1 all three do, and α is 0.43 where 1 is right.",
    fix="Take 0.7 · mean |w|: 0.05 · max |w| belongs to trained ternary quantization, whose scales are learnt.",
    symptom="nearly everywhere",
    run=run,
)
