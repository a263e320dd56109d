"""One singular value too few is kept."""

import numpy as np

from qref.mistakes.altered_request import check, rerun
from qref.mistakes.mistake import Mistake
from qref.numerics.tensor import Tensor
from qref.ops.request import Request

OPERATORS = ("LowRankApproximation",)


def run(request: Request) -> list[Tensor]:
    check(request, OPERATORS)
    rank = request.attributes.get("rank", 1)
    if rank == 1:
        W = request.inputs[0]
        assert W is not None
        return [Tensor("float32", np.zeros_like(W.data))]
    return rerun(request, attributes={"rank": rank - 1})


MISTAKE = Mistake(
    name="low-rank-one-less",
    operators=OPERATORS,
    flags=("nearest",),
    effect="Rank 2 is computed with 1 singular value.",
    fix="The first r singular values: indices 0 to r − 1.",
    symptom="nearly everywhere",
    run=run,
)
