"""Of two numbers of nonzeros that serve equally well the larger is taken, as SDDPACK does."""

import numpy as np

from qref.mistakes.altered_request import check
from qref.mistakes.decompositions import Array, Decomposition
from qref.mistakes.mistake import Mistake
from qref.numerics.tensor import Tensor
from qref.ops.request import Request

OPERATORS = ("SemidiscreteDecomposition",)


def run(request: Request) -> list[Tensor]:
    check(request, OPERATORS)
    return Decomposition(nonzeros=most).run(request)


def most(s: Array) -> int:
    """J: how many of the largest |s| serve best, the most of several."""
    sums = np.cumsum(np.sort(np.abs(s))[::-1])
    found = sums**2 / np.arange(1, s.size + 1)
    return int(np.flatnonzero(found == found.max())[-1]) + 1 if s.any() else 0


MISTAKE = Mistake(
    name="decomposition-tie-takes-most-nonzeros",
    operators=OPERATORS,
    flags=("fewest-nonzeros",),
    effect="s = (3, 1, 1, 1) has 3²/1 = 6²/4: four nonzeros are taken where one serves as well.",
    fix="Let a larger J win only where its value is larger: > in place of ≥.",
    symptom="only at ties",
    run=run,
)
