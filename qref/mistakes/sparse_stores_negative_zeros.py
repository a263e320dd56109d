"""What is not all zero bits is taken for a number: −0 is stored."""

import numpy as np

from qref.compression.csr import csr
from qref.mistakes.altered_request import check
from qref.mistakes.mistake import Mistake
from qref.numerics.tensor import Tensor
from qref.ops.qref.csr import stored
from qref.ops.request import Request

OPERATORS = ("CsrEncode",)


def run(request: Request) -> list[Tensor]:
    check(request, OPERATORS)
    W = request.inputs[0]
    assert W is not None
    is_minus_zero = (W.data == 0) & np.signbit(W.data)
    found = csr(np.where(is_minus_zero, np.float32(1), W.data))
    values = found.values.copy()
    values[is_minus_zero.reshape(-1)[np.flatnonzero(is_minus_zero | (W.data != 0))]] = np.float32(-0.0)
    packed = found.packed()[: -values.nbytes or None] + values.astype("<f4").tobytes()
    return [
        Tensor("int64", found.row_pointers),
        Tensor("int64", found.columns),
        Tensor("float32", values),
        *stored(8 * len(packed), packed),
    ]


MISTAKE = Mistake(
    name="sparse-stores-negative-zeros",
    operators=OPERATORS,
    flags=("stored-zeros",),
    effect="Each −0 takes a value and a column, 32 bits and more.",
    fix="Compare numbers, not bits: zeros of either sign are left out.",
    symptom="only at zero",
    run=run,
)
