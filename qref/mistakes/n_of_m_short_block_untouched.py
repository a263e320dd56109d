"""A last block that is short and is not pruned."""

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
    if W.data.ndim < 2:
        return masked(W.data, np.ones(W.shape, np.bool_))
    mask = keep_n_of_m(W.data, n, m)
    mask[:, W.shape[1] // m * m :] = True
    return masked(W.data, mask)


MISTAKE = Mistake(
    name="n-of-m-short-block-untouched",
    operators=OPERATORS,
    flags=("short-block",),
    effect="Of 7 input channels the last three all stay, where two do.",
    fix="Keep the n largest of a short block as well.",
    symptom="only in some shapes",
    run=run,
)
