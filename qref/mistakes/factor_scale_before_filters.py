"""D multiplied into the channels of the image, before the filters Yᵀ, not into their outputs."""

import numpy as np

from qref.mistakes.altered_request import check, rerun
from qref.mistakes.mistake import Mistake
from qref.numerics.tensor import Tensor
from qref.ops.request import Request

OPERATORS = ("FactorizedConv",)


def run(request: Request) -> list[Tensor]:
    check(request, OPERATORS)
    x, _, D, _ = request.inputs[:4]
    assert x is not None
    assert D is not None
    d = np.ones(x.shape[1], np.float32)
    known = min(len(d), len(D.data))
    d[:known] = D.data[:known]
    scaled = Tensor("float32", x.data * d.reshape(-1, *[1] * (x.data.ndim - 2)))
    return rerun(request, {0: scaled, 2: Tensor("float32", np.ones_like(D.data))})


MISTAKE = Mistake(
    name="factor-scale-before-filters",
    operators=OPERATORS,
    flags=("three-steps",),
    effect="The first min(k, C) channels are scaled in place of k outputs of filters; with 1 of each nothing shows.",
    fix="Scale the k outputs of the filters Yᵀ: X·(D·(Yᵀ·x)).",
    symptom="nearly everywhere",
    run=run,
)
