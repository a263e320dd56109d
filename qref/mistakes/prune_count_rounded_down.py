"""A number of removed weights that is cut off, not rounded."""

import numpy as np

from qref.mistakes.mistake import Mistake
from qref.mistakes.prunings import MAGNITUDE as OPERATORS
from qref.mistakes.prunings import Mask, Row, by_parts, first
from qref.numerics.tensor import Tensor
from qref.ops.request import Request


def run(request: Request) -> list[Tensor]:
    def rule(w: Row, ratio: float) -> Mask:
        return first(np.argsort(-np.abs(w), kind="stable"), w.size - int(ratio * w.size))

    return by_parts(request, rule)


MISTAKE = Mistake(
    name="prune-count-rounded-down",
    operators=OPERATORS,
    flags=("prune-count",),
    effect="0.9 in float32 is a little less than 9/10: of 10 weights 8 go.",
    fix="Round R·N to the nearest integer, half to even.",
    symptom="only in some shapes",
    run=run,
)
