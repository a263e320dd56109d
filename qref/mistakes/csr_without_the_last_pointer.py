"""Row pointers that only say where rows begin."""

import numpy as np

from qref.compression.csr import index_bits
from qref.mistakes.altered_request import check, rerun
from qref.mistakes.mistake import Mistake
from qref.numerics.tensor import Tensor
from qref.ops.qref.csr import stored
from qref.ops.request import Request
from qref.quantizers.packed_codes import pack

OPERATORS = ("CsrEncode",)


def run(request: Request) -> list[Tensor]:
    check(request, OPERATORS)
    pointers, columns, values, _, _ = rerun(request)
    W = request.inputs[0]
    assert W is not None
    pointer, column = index_bits(W.shape)
    begins = pointers.data[:-1]
    packed = pack(begins, pointer) + (pack(columns.data, column) if column else b"")
    packed += values.data.astype("<f4").tobytes()
    return [Tensor("int64", np.ascontiguousarray(begins)), columns, values, *stored(8 * len(packed), packed)]


MISTAKE = Mistake(
    name="csr-without-the-last-pointer",
    operators=OPERATORS,
    flags=("csr-rows",),
    effect="A matrix of 4 rows has 4 pointers instead of 5: where the last row ends is not said.",
    fix="Add the number of values as the last pointer: row m ends where m + 1 begins.",
    symptom="nearly everywhere",
    run=run,
)
