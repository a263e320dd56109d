"""A shared weight that is the sum over its bucket divided by a share of all weights."""

import numpy as np

from qref.mistakes.altered_request import check
from qref.mistakes.hashes import answered, indices
from qref.mistakes.mistake import Mistake
from qref.numerics.tensor import Tensor
from qref.ops.request import Request

OPERATORS = ("HashedEncode",)


def run(request: Request) -> list[Tensor]:
    check(request, OPERATORS)
    found, count = indices(request)
    W = request.inputs[0]
    assert W is not None
    members = np.bincount(found[0].reshape(-1), minlength=count)
    means = answered(request, found, count)[0].data.astype(np.float64)
    return [Tensor("float32", (means * members / max(W.data.size / max(count, 1), 1)).astype(np.float32))]


MISTAKE = Mistake(
    name="hash-mean-over-all-weights",
    operators=OPERATORS,
    flags=("shared-mean",),
    effect="Buckets are not equally full: one of 12 weights, where 8 are the mean, gets 1.5 times its value.",
    fix="Divide each sum by the number of weights in its own bucket.",
    symptom="nearly everywhere",
    run=run,
)
