"""Row pointers only for rows that have values."""

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
    found = np.unique(pointers.data)
    packed = pack(found, pointer) + (pack(columns.data, column) if column else b"")
    packed += values.data.astype("<f4").tobytes()
    return [Tensor("int64", found), columns, values, *stored(8 * len(packed), packed)]


MISTAKE = Mistake(
    name="csr-skips-empty-rows",
    operators=OPERATORS,
    flags=("csr-empty-row",),
    effect="Of 5 rows, 3 of them empty, there are 3 pointers instead of 6: values move up to the rows before.",
    fix="Give every row a pointer; that of an empty row equals the next one.",
    symptom="only at zero",
    run=run,
)
