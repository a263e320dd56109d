"""A codebook of |w|, as pruning looks at weights: signs are lost."""

import numpy as np

from qref.mistakes.altered_request import check, rerun
from qref.mistakes.mistake import Mistake
from qref.mistakes.scalar_codebooks import EXACT, LLOYD
from qref.numerics.tensor import Tensor
from qref.ops.request import Request

OPERATORS = (*EXACT, *LLOYD)


def run(request: Request) -> list[Tensor]:
    check(request, OPERATORS)
    W = request.inputs[0]
    assert W is not None
    return rerun(request, {0: Tensor(W.dtype, np.abs(W.data))})


MISTAKE = Mistake(
    name="scalar-codebook-of-magnitudes",
    operators=OPERATORS,
    flags=("optimal-partition", "start-linear", "start-density", "start-random"),
    effect="A weight of -1 becomes the value of 1: without a bit for the sign it is lost.",
    fix="Cluster the weights, not their magnitudes.",
    symptom="only negative values",
    run=run,
)
