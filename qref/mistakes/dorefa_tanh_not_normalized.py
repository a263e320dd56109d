"""DoReFa weights from tanh(w)/2 + 1/2, without the division by the largest."""

import numpy as np

from qref.mistakes.altered_request import check
from qref.mistakes.low_bits import data, weights
from qref.mistakes.mistake import Mistake
from qref.numerics.tensor import Tensor
from qref.ops.request import Request

OPERATORS = ("DoReFaWeight",)


def run(request: Request) -> list[Tensor]:
    check(request, OPERATORS)
    return weights(request, np.tanh(data(request)) / 2 + 0.5)


MISTAKE = Mistake(
    name="dorefa-tanh-not-normalized",
    operators=OPERATORS,
    flags=("dorefa-weight",),
    effect="Small weights fill only the codes around the middle: of 2 bits those up to 0.1 all become code 1 or 2.",
    fix="Divide by max |tanh w| of the layer.",
    symptom="nearly everywhere",
    run=run,
)
