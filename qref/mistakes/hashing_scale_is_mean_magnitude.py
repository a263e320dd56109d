"""The scale of BWN, the mean of |w|, beside signs that were found by hashing."""

import numpy as np

from qref.mistakes.altered_request import check, rerun
from qref.mistakes.mistake import Mistake
from qref.numerics.floats import decode, encode
from qref.numerics.tensor import Tensor
from qref.ops.request import Request

OPERATORS = ("InnerProductHashing",)


def run(request: Request) -> list[Tensor]:
    check(request, OPERATORS)
    codes, scales = rerun(request)
    W = request.inputs[0]
    assert W is not None
    rows = np.abs(decode(W)).reshape(len(W.data), codes.data[:1].size)
    return [codes, encode((rows.sum(axis=1) / max(rows.shape[1], 1)).reshape(scales.shape), "float32")]


MISTAKE = Mistake(
    name="hashing-scale-is-mean-magnitude",
    operators=OPERATORS,
    flags=("inputs-decide",),
    effect="w = (3, −1.5, −1.5) fed with ones gives 0 and has scale 0; the mean of |w| is 2.",
    fix="α = bᵀGw / bᵀGb, after every sweep.",
    symptom="nearly everywhere",
    run=run,
)
