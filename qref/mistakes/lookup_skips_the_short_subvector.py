"""Only whole sub-vectors: the last one, shorter than the others, is left out."""

import numpy as np

from qref.mistakes.lookups import BOTH, operands, with_columns
from qref.mistakes.mistake import Mistake
from qref.numerics.tensor import Tensor
from qref.ops.request import Request


def run(request: Request) -> list[Tensor]:
    _, _, codebooks, d = operands(request)
    columns = np.arange(codebooks.shape[1])
    return with_columns(request, columns, columns < len(columns) // d * d)


MISTAKE = Mistake(
    name="lookup-skips-the-short-subvector",
    operators=BOTH,
    flags=("short-subvector",),
    effect="Of 9 inputs in sub-vectors of 4 the ninth has no part in any output.",
    fix="There are ⌈L/d⌉ sub-spaces; the last table is built from what is left.",
    symptom="only in some shapes",
    run=run,
)
