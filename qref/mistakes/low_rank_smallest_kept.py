"""Vectors of the smallest singular values kept: eigenvalues come in rising order."""

import numpy as np

from qref.errors import InvalidInput
from qref.mistakes.altered_request import check, rerun
from qref.mistakes.mistake import Mistake
from qref.numerics.tensor import Tensor
from qref.ops.request import Request

OPERATORS = ("LowRankSvd", "LowRankChannel", "LowRankSpatial")


def run(request: Request) -> list[Tensor]:
    check(request, OPERATORS)
    rank, W = request.attributes.get("rank", 1), request.inputs[0]
    assert W is not None
    sides = (W.shape[0], int(np.prod(W.shape[1:])))
    if request.op == "LowRankSpatial":
        sides = (W.shape[1] * W.shape[2], W.shape[0] * W.shape[3])
    if min(sides) < rank:
        raise InvalidInput(f"rank {rank}")
    first, last = rerun(request, attributes={"rank": min(sides)})
    return [
        Tensor("float32", np.ascontiguousarray(first.data[::-1][:rank])),
        Tensor("float32", np.ascontiguousarray(last.data[:, ::-1][:, :rank])),
    ]


MISTAKE = Mistake(
    name="low-rank-smallest-kept",
    operators=OPERATORS,
    flags=("truncated",),
    effect="An eigensolver's order, smallest first: of σ = 3, 1 rank 1 keeps 1.",
    fix="Sort singular values from the largest down before vectors are cut off.",
    symptom="nearly everywhere",
    run=run,
)
