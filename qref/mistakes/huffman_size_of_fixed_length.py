"""The size of codes of fixed length reported after Huffman's code."""

import numpy as np

from qref.mistakes.altered_request import check, rerun
from qref.mistakes.huffman_codes import BOTH
from qref.mistakes.mistake import Mistake
from qref.numerics.tensor import Tensor
from qref.ops.request import Request


def run(request: Request) -> list[Tensor]:
    check(request, BOTH)
    *found, _ = rerun(request)
    given = request.inputs[0]
    assert given is not None
    if request.op == "HuffmanCode":
        count, width, table = int(given.data.sum()), max(given.data.size - 1, 1).bit_length(), given.data.size + 1 >> 1
    else:
        width = int(request.attributes.get("bits", 8))
        count, table = given.data.size, 1 << width - 1
    return [*found, Tensor("int64", np.array(8 * (table + -(-count * width // 8)), np.int64))]


MISTAKE = Mistake(
    name="huffman-size-of-fixed-length",
    operators=BOTH,
    flags=("huffman-size",),
    effect="39 of five symbols take 117 bits, 3 each, instead of 87.",
    fix="Count the codewords that are written.",
    symptom="nearly everywhere",
    run=run,
)
