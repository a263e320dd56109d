"""Every term begins with ones, in epochs after the first too."""

import numpy as np

from qref.mistakes.altered_request import check
from qref.mistakes.decompositions import Decomposition, ones_or_first_column
from qref.mistakes.mistake import Mistake
from qref.numerics.tensor import Tensor
from qref.ops.request import Request

OPERATORS = ("SemidiscreteDecomposition",)


def run(request: Request) -> list[Tensor]:
    check(request, OPERATORS)
    return Decomposition(start=lambda R, y, i: ones_or_first_column(R, np.zeros_like(y), i)).run(request)


MISTAKE = Mistake(
    name="decomposition-starts-anew-each-epoch",
    operators=OPERATORS,
    flags=("old-start",),
    effect="From epoch 2 on a term forgets its y, and may end at another, worse one.",
    fix="Begin with the y that the term had before.",
    symptom="only in some shapes",
    run=run,
)
