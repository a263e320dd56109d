"""A size from indices of 32 bits, which are not what is stored."""

import numpy as np

from qref.mistakes.altered_request import check, rerun
from qref.mistakes.mistake import Mistake
from qref.numerics.tensor import Tensor
from qref.ops.request import Request

OPERATORS = ("CsrEncode",)


def run(request: Request) -> list[Tensor]:
    check(request, OPERATORS)
    pointers, columns, values, _, packed = rerun(request)
    bits = 32 * (pointers.data.size + columns.data.size + values.data.size)
    return [pointers, columns, values, Tensor("int64", np.array(bits, np.int64)), packed]


MISTAKE = Mistake(
    name="csr-indices-of-32-bits",
    operators=OPERATORS,
    flags=("stored-size",),
    effect="A column index of 3 bits counts 32.",
    fix="Count the bytes that are stored.",
    symptom="nearly everywhere",
    run=run,
)
