"""The smallest values go, not the smallest magnitudes."""

import numpy as np

from qref.mistakes.mistake import Mistake
from qref.mistakes.prunings import MAGNITUDE as OPERATORS
from qref.mistakes.prunings import Mask, Row, by_parts, first, stay
from qref.numerics.tensor import Tensor
from qref.ops.request import Request


def run(request: Request) -> list[Tensor]:
    def rule(w: Row, ratio: float) -> Mask:
        return first(np.argsort(-w, kind="stable"), stay(w.size, ratio))

    return by_parts(request, rule)


MISTAKE = Mistake(
    name="prune-signed-values",
    operators=OPERATORS,
    flags=("prune-magnitude",),
    effect="−8 is removed before 0.25.",
    fix="Compare |w|.",
    symptom="only negative values",
    run=run,
)
