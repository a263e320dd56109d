"""A training step that moves frozen weights too."""

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
    return rerun(request, inputs={2: Tensor("uint8", np.zeros_like(frozen.data))})


MISTAKE = Mistake(
    name="incremental-frozen-weights-updated",
    operators=OPERATORS,
    flags=("inq-step",),
    effect="A frozen 0.5 with the gradient 1 becomes 0.49 at the rate 0.01, which is no power of two.",
    fix="Multiply the gradient by T, 0 where a weight is frozen.",
    symptom="nearly everywhere",
    run=run,
)
