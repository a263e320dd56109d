"""A cut by |w| ≥ threshold: of equal magnitudes at the cut all stay."""

import numpy as np

from qref.mistakes.mistake import Mistake
from qref.mistakes.prunings import MAGNITUDE as OPERATORS
from qref.mistakes.prunings import Mask, Row, by_parts, stay
from qref.numerics.tensor import Tensor
from qref.ops.request import Request


def run(request: Request) -> list[Tensor]:
    def rule(w: Row, ratio: float) -> Mask:
        count = stay(w.size, ratio)
        if not count:
            return np.zeros(w.size, np.bool_)
        return np.abs(w) >= np.sort(np.abs(w))[w.size - count]

    return by_parts(request, rule)


MISTAKE = Mistake(
    name="prune-ties-all-stay",
    operators=OPERATORS,
    flags=("prune-tie",),
    effect="Of four equal weights half should go, and 0 do; a tensor of zeros keeps all of them.",
    fix="Count: exactly N − P stay, of equal magnitudes the first.",
    symptom="only at ties",
    run=run,
)
