"""A layer of XNOR-Net without K."""

import numpy as np

from qref.mistakes.altered_request import check
from qref.mistakes.binary_schemes import layer
from qref.mistakes.mistake import Mistake
from qref.numerics.tensor import Tensor
from qref.ops.request import Request

OPERATORS = ("XnorConv",)


def run(request: Request) -> list[Tensor]:
    check(request, OPERATORS)
    return layer(request, K=lambda x, windows: np.ones((len(x), windows.group, *windows.output(x.shape[2:]))))


MISTAKE = Mistake(
    name="xnor-map-left-out",
    operators=OPERATORS,
    flags=("window-mean",),
    effect=(
        "sign(I) ⊛ sign(W) · α: an image ten times as bright gives the same output, 16 · α where K is 10 "
        "instead of 160 · α."
    ),
    fix="Multiply by K.",
    symptom="nearly everywhere",
    run=run,
)
