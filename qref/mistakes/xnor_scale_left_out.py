"""A layer of XNOR-Net without α."""

import numpy as np

from qref.mistakes.altered_request import check
from qref.mistakes.binary_schemes import layer
from qref.mistakes.mistake import Mistake
from qref.numerics.tensor import Tensor
from qref.ops.request import Request

OPERATORS = ("XnorConv",)


def run(request: Request) -> list[Tensor]:
    check(request, OPERATORS)
    return layer(request, alpha=lambda w: np.ones(len(w)))


MISTAKE = Mistake(
    name="xnor-scale-left-out",
    operators=OPERATORS,
    flags=("scale-a-channel",),
    effect="Filters of mean magnitude 2 and 0.5 give outputs of one size.",
    fix="Multiply by α = ‖W‖₁ / n of the filter.",
    symptom="nearly everywhere",
    run=run,
)
