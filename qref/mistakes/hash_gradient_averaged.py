"""A gradient of shared weights divided by how many share them."""

import numpy as np

from qref.mistakes.altered_request import check
from qref.mistakes.hashes import answered, indices
from qref.mistakes.mistake import Mistake
from qref.numerics.tensor import Tensor
from qref.ops.request import Request

OPERATORS = ("HashedBackward", "HashedStep")


def run(request: Request) -> list[Tensor]:
    check(request, OPERATORS)
    found, count = indices(request)
    members = np.maximum(np.bincount(found[0].reshape(-1), minlength=count), 1)
    answer = answered(request, found, count)
    if request.op == "HashedBackward":
        return [answer[0], Tensor("float32", (answer[1].data / members).astype(np.float32))]
    w = request.inputs[0]
    assert w is not None
    moved = w.data + (answer[0].data.astype(np.float64) - w.data) / members
    return [Tensor("float32", moved.astype(np.float32))]


MISTAKE = Mistake(
    name="hash-gradient-averaged",
    operators=OPERATORS,
    flags=("shared-gradient",),
    effect="Steps are too small by the number of weights in the bucket: 8 at a compression of 1/8.",
    fix="Add up; the authors' code divides only where rescale_grad asks for it.",
    symptom="nearly everywhere",
    run=run,
)
