"""A step that moves a value by the gradient of all weights of the tensor, shared or not."""

import numpy as np

from qref.mistakes.altered_request import check
from qref.mistakes.mistake import Mistake
from qref.numerics.tensor import Tensor
from qref.ops.request import Request

OPERATORS = ("SharedWeightStep",)


def run(request: Request) -> list[Tensor]:
    check(request, OPERATORS)
    C, codes, g = request.inputs
    assert C is not None and codes is not None and g is not None
    eta = request.attributes.get("learning_rate", float(np.float32(0.01)))
    return [Tensor("float32", (C.data - eta * g.data.sum(dtype=np.float64)).astype(np.float32))]


MISTAKE = Mistake(
    name="shared-step-moves-each-weight",
    operators=OPERATORS,
    flags=("update",),
    effect="Every value moves by the same number: the sum over all weights, where 1 in V of them is meant.",
    fix="Group the gradients by code first.",
    symptom="nearly everywhere",
    run=run,
)
