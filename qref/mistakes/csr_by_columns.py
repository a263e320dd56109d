"""Columns compressed instead of rows: CSC, or a matrix read column by column."""

import numpy as np

from qref.mistakes.altered_request import check, rerun
from qref.mistakes.mistake import Mistake
from qref.numerics.tensor import Tensor
from qref.ops.request import Request

OPERATORS = ("CsrEncode",)


def run(request: Request) -> list[Tensor]:
    check(request, OPERATORS)
    W = request.inputs[0]
    assert W is not None
    rows = W.shape[0] if W.shape else 1
    columns = W.data.reshape(rows, int(np.prod(W.shape[1:]))).T
    return rerun(request, {0: Tensor("float32", np.ascontiguousarray(columns))})


MISTAKE = Mistake(
    name="csr-by-columns",
    operators=OPERATORS,
    flags=("csr-rows",),
    effect="A matrix of 4 rows and 6 columns gets 7 pointers instead of 5, its values down the columns.",
    fix="Compress rows: one pointer a row and one more, values in C order.",
    symptom="nearly everywhere",
    run=run,
)
