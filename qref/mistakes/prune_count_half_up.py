"""A number of removed weights whose half is rounded up."""

import numpy as np

from qref.mistakes.mistake import Mistake
from qref.mistakes.prunings import MAGNITUDE as OPERATORS
from qref.mistakes.prunings import Mask, Row, by_parts, first
from qref.numerics.tensor import Tensor
from qref.ops.request import Request


def run(request: Request) -> list[Tensor]:
    def rule(w: Row, ratio: float) -> Mask:
        return first(np.argsort(-np.abs(w), kind="stable"), w.size - int(ratio * w.size + 0.5))

    return by_parts(request, rule)


MISTAKE = Mistake(
    name="prune-count-half-up",
    operators=OPERATORS,
    flags=("prune-count",),
    effect="Half of five weights are 3, where 2 is right.",
    fix="Round half to even, as Python and NumPy do.",
    symptom="only near ties",
    run=run,
)
