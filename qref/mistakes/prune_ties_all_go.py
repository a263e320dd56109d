"""A cut by |w| > threshold: of equal magnitudes at the cut all go."""

import numpy as np

from qref.mistakes.mistake import Mistake
from qref.mistakes.prunings import MAGNITUDE as OPERATORS
from qref.mistakes.prunings import Mask, Row, by_parts, stay
from qref.numerics.tensor import Tensor
from qref.ops.request import Request


def run(request: Request) -> list[Tensor]:
    def rule(w: Row, ratio: float) -> Mask:
        count = stay(w.size, ratio)
        if count == w.size:
            return np.ones(w.size, np.bool_)
        return np.abs(w) > np.sort(np.abs(w))[w.size - count - 1]

    return by_parts(request, rule)


MISTAKE = Mistake(
    name="prune-ties-all-go",
    operators=OPERATORS,
    flags=("prune-tie",),
    effect="Equal weights are removed together: of four equal ones half should stay, and 0 do.",
    fix="Count: exactly N − P stay, of equal magnitudes the first.",
    symptom="only at ties",
    run=run,
)
