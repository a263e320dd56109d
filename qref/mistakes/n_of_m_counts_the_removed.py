"""n taken as the number that goes."""

import numpy as np

from qref.compression.structured_pruning import keep_n_of_m
from qref.mistakes.altered_request import check
from qref.mistakes.mistake import Mistake
from qref.mistakes.prunings import masked
from qref.numerics.tensor import Tensor
from qref.ops.request import Request

OPERATORS = ("PruneStructured",)


def run(request: Request) -> list[Tensor]:
    check(request, OPERATORS)
    W = request.inputs[0]
    assert W is not None
    n, m = request.attributes.get("n", 2), request.attributes.get("m", 4)
    if n == m:
        return masked(W.data, np.zeros(W.shape, np.bool_))
    return masked(W.data, keep_n_of_m(W.data, m - n, m))


MISTAKE = Mistake(
    name="n-of-m-counts-the-removed",
    operators=OPERATORS,
    flags=("n-of-m",),
    effect="1:4 leaves three of 4 weights.",
    fix="n weights of each block stay.",
    symptom="nearly everywhere",
    run=run,
)
