"""A freezing step that takes the range from the frozen weights, where equation 3 takes it from the layer."""

import numpy as np

from qref.mistakes.altered_request import check, rerun
from qref.mistakes.mistake import Mistake
from qref.numerics.tensor import Tensor
from qref.ops.request import Request

OPERATORS = ("IncrementalFreeze",)


def run(request: Request) -> list[Tensor]:
    check(request, OPERATORS)
    W = request.inputs[0]
    assert W is not None
    _, mask = rerun(request)
    frozen = mask.data != 0
    alone = Tensor("float32", np.where(frozen, W.data, np.float32(0)))
    moved, _ = rerun(request, inputs={0: alone, 1: mask})
    return [Tensor("float32", np.where(frozen, moved.data, W.data)), mask]


MISTAKE = Mistake(
    name="incremental-range-of-frozen-weights",
    operators=OPERATORS,
    flags=("inq-partition",),
    effect="A frozen 1 beside a weight that has grown to 3.1 stays 1, where the layer's powers are 4 and 2.",
    fix="Take n₁ from the largest |w| of the whole layer at each step.",
    symptom="only at the ends of the range",
    run=run,
)
