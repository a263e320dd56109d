"""DoReFa weights from w / (2 max |w|) + 1/2, without tanh."""

import numpy as np

from qref.mistakes.altered_request import check
from qref.mistakes.low_bits import data, weights
from qref.mistakes.mistake import Mistake
from qref.numerics.tensor import Tensor
from qref.ops.request import Request

OPERATORS = ("DoReFaWeight",)


def run(request: Request) -> list[Tensor]:
    check(request, OPERATORS)
    W = data(request)
    m = np.abs(W).max(initial=0.0)
    return weights(request, W / (2 * m) + 0.5 if m else np.full(W.shape, 0.5))


MISTAKE = Mistake(
    name="dorefa-without-tanh",
    operators=OPERATORS,
    flags=("dorefa-weight",),
    effect="Weights of the size of 1 get other codes; small ones, where tanh is straight, get the right ones.",
    fix="Take tanh first, and the maximum of what it gives.",
    symptom="nearly everywhere",
    run=run,
)
