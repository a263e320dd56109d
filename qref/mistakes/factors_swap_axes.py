"""X read as if its bytes were [k, M]: rows and columns change places."""

import numpy as np

from qref.mistakes.altered_request import check, rerun
from qref.mistakes.mistake import Mistake
from qref.numerics.tensor import Tensor
from qref.ops.request import Request

OPERATORS = ("FactorizedDecode", "FactorizedConv")


def run(request: Request) -> list[Tensor]:
    check(request, OPERATORS)
    i = 0 if request.op == "FactorizedDecode" else 1
    X = request.inputs[i]
    assert X is not None
    M, k = X.shape
    return rerun(request, {i: Tensor("int8", np.ascontiguousarray(X.data.reshape(k, M).T))})


MISTAKE = Mistake(
    name="factors-swap-axes",
    operators=OPERATORS,
    flags=("not-square",),
    effect="X = [[1, 0, 1], [0, 1, −1]] becomes [[1, 1, 1], [0, 0, −1]]; with 1 term or 1 channel nothing shows.",
    fix="X is [M, k] in C order: channel after channel.",
    symptom="only in some shapes",
    run=run,
)
