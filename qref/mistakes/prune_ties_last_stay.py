"""Of equal magnitudes the last stay."""

import numpy as np

from qref.mistakes.mistake import Mistake
from qref.mistakes.prunings import MAGNITUDE as OPERATORS
from qref.mistakes.prunings import Mask, Row, by_parts, first, stay
from qref.numerics.tensor import Tensor
from qref.ops.request import Request


def run(request: Request) -> list[Tensor]:
    def rule(w: Row, ratio: float) -> Mask:
        descending = np.argsort(np.abs(w), kind="stable")[::-1]
        return first(descending, stay(w.size, ratio))

    return by_parts(request, rule)


MISTAKE = Mistake(
    name="prune-ties-last-stay",
    operators=OPERATORS,
    flags=("prune-tie",),
    effect="An ascending sort read from its end: of 1, 1, 1, 1 the last two stay.",
    fix="Of equal magnitudes the first in C order stay.",
    symptom="only at ties",
    run=run,
)
