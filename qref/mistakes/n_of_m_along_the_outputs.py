"""Blocks along the output channels."""

import numpy as np

from qref.compression.structured_pruning import keep_n_of_m
from qref.errors import Unsupported
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
        raise Unsupported("one axis")
    turned = keep_n_of_m(np.ascontiguousarray(W.data.swapaxes(0, 1)), n, m)
    return masked(W.data, np.ascontiguousarray(turned.swapaxes(0, 1)))


MISTAKE = Mistake(
    name="n-of-m-along-the-outputs",
    operators=OPERATORS,
    flags=("n-of-m",),
    effect="A dot product meets blocks with any number of weights, 0 to m: the hardware cannot take them.",
    fix="Blocks run along axis 1, the input channels.",
    symptom="nearly everywhere",
    run=run,
)
