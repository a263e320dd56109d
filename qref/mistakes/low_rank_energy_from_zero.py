"""The index of the last singular value given as the rank."""

import numpy as np

from qref.mistakes.altered_request import check, rerun
from qref.mistakes.mistake import Mistake
from qref.numerics.tensor import Tensor
from qref.ops.request import Request

OPERATORS = ("RankOfEnergy",)


def run(request: Request) -> list[Tensor]:
    check(request, OPERATORS)
    [rank] = rerun(request)
    return [Tensor("int64", np.maximum(rank.data - 1, 0))]


MISTAKE = Mistake(
    name="low-rank-energy-from-zero",
    operators=OPERATORS,
    flags=("share-of-energy",),
    effect="The place of the value, counted from 0: one less than the rank.",
    fix="A rank is a number of values: the place counted from 0, and 1.",
    symptom="nearly everywhere",
    run=run,
)
