"""A share n/m of each output channel, without blocks."""

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
    C = W.shape[1]
    return masked(W.data, keep_n_of_m(W.data, max(-(-n * C // m), 1), max(C, 1)))


MISTAKE = Mistake(
    name="n-of-m-over-the-channel",
    operators=OPERATORS,
    flags=("n-of-m",),
    effect="As sparse, but a block of large weights keeps all 4.",
    fix="Choose in each block of m by itself.",
    symptom="nearly everywhere",
    run=run,
)
