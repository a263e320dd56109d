"""Shares of the sum of singular values, not of their squares."""

from fractions import Fraction

import numpy as np

from qref import ops
from qref.mistakes.altered_request import check, rerun
from qref.mistakes.mistake import Mistake
from qref.numerics.tensor import Tensor
from qref.ops.request import Request

OPERATORS = ("RankOfEnergy",)


def run(request: Request) -> list[Tensor]:
    check(request, OPERATORS)
    kind = request.attributes.get("matricization", "output")
    asked = Request("SingularValues", "qref", 1, {"matricization": kind}, request.inputs, 1)
    values = [Fraction(float(s)) for s in ops.run(asked)[0].data]
    energy, found = Fraction(request.attributes.get("energy", float(np.float32(0.9)))), Fraction(0)
    for r, value in enumerate(values, 1):
        found += value
        if found >= energy * sum(values) * (1 - Fraction(1, 2**22)):
            return [Tensor("int64", np.array(r, np.int64))]
    return rerun(request)


MISTAKE = Mistake(
    name="low-rank-energy-of-values",
    operators=OPERATORS,
    flags=("share-of-energy",),
    effect="σ = 2, 1, 1 have shares 2/4 and 3/4 of Σ σ, and 4/6 and 5/6 of Σ σ².",
    fix="Energy is the sum of squares of singular values.",
    symptom="nearly everywhere",
    run=run,
)
