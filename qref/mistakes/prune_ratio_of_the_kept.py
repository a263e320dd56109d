"""A ratio taken as the part that stays."""

import numpy as np

from qref.mistakes.mistake import Mistake
from qref.mistakes.prunings import MAGNITUDE as OPERATORS
from qref.mistakes.prunings import Mask, Row, by_parts, first
from qref.numerics.tensor import Tensor
from qref.ops.request import Request


def run(request: Request) -> list[Tensor]:
    def rule(w: Row, ratio: float) -> Mask:
        return first(np.argsort(-np.abs(w), kind="stable"), round(ratio * w.size))

    return by_parts(request, rule)


MISTAKE = Mistake(
    name="prune-ratio-of-the-kept",
    operators=OPERATORS,
    flags=("prune-count",),
    effect="0.9 leaves nine weights of 10, where one is right.",
    fix="R is the part that is removed: N − P stay.",
    symptom="nearly everywhere",
    run=run,
)
