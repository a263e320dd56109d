"""A training step with the mask reversed: frozen weights move, the others stay."""

import numpy as np

from qref.mistakes.altered_request import check, rerun
from qref.mistakes.mistake import Mistake
from qref.numerics.tensor import Tensor
from qref.ops.request import Request

OPERATORS = ("IncrementalStep",)


def run(request: Request) -> list[Tensor]:
    check(request, OPERATORS)
    frozen = request.inputs[2]
    assert frozen is not None
    return rerun(request, inputs={2: Tensor("uint8", (1 - frozen.data).astype(np.uint8))})


MISTAKE = Mistake(
    name="incremental-step-of-frozen-alone",
    operators=OPERATORS,
    flags=("inq-step",),
    effect="T is read as the mask of frozen weights, where the paper has 1 for those that train.",
    fix="T(i, j) = 1 means that the weight is trained.",
    symptom="nearly everywhere",
    run=run,
)
