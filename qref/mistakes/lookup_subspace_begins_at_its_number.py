"""Sub-space s taken from input s on, not from s·d on."""

import numpy as np

from qref.mistakes.lookups import BOTH, operands, with_columns
from qref.mistakes.mistake import Mistake
from qref.numerics.tensor import Tensor
from qref.ops.request import Request


def run(request: Request) -> list[Tensor]:
    _, _, codebooks, d = operands(request)
    columns = np.arange(codebooks.shape[1])
    return with_columns(request, columns // d + columns % d)


MISTAKE = Mistake(
    name="lookup-subspace-begins-at-its-number",
    operators=BOTH,
    flags=("several-subspaces",),
    effect="Of sub-vectors of 4, the second table is built from inputs 1 to 4, not 4 to 7. Right for d = 1.",
    fix="Sub-space s holds inputs s·d to (s + 1)·d − 1.",
    symptom="only with several channels, rows or blocks",
    run=run,
)
