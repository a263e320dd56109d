"""A size that leaves the code lengths out."""

import numpy as np

from qref.mistakes.altered_request import check, rerun
from qref.mistakes.huffman_codes import BOTH
from qref.mistakes.mistake import Mistake
from qref.numerics.tensor import Tensor
from qref.ops.request import Request


def run(request: Request) -> list[Tensor]:
    check(request, BOTH)
    *found, size = rerun(request)
    lengths = found[0] if request.op == "HuffmanCode" else found[1]
    return [*found, Tensor("int64", size.data - np.int64(8 * (lengths.data.size + 1 >> 1)))]


MISTAKE = Mistake(
    name="huffman-size-without-table",
    operators=BOTH,
    flags=("huffman-size",),
    effect="256 symbols lose 1024 bits of their size.",
    fix="Count the table: 4 bits for each of the 2^width symbols.",
    symptom="nearly everywhere",
    run=run,
)
