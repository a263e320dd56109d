"""A symbol alone gets a codeword of 0 bits."""

import numpy as np

from qref.mistakes.altered_request import check, rerun
from qref.mistakes.huffman_codes import BOTH, of_code, of_stream
from qref.mistakes.mistake import Mistake
from qref.numerics.tensor import Tensor
from qref.ops.request import Request


def run(request: Request) -> list[Tensor]:
    check(request, BOTH)
    found = rerun(request)
    lengths = found[0 if request.op == "HuffmanCode" else 1].data
    if np.count_nonzero(lengths) != 1:
        return found
    given, none = request.inputs[0], np.zeros_like(lengths)
    assert given is not None
    if request.op == "HuffmanCode":
        return of_code(given.data, none, np.zeros(none.size, np.uint16))
    return of_stream(given.data, none)


MISTAKE = Mistake(
    name="huffman-single-symbol-of-no-bit",
    operators=BOTH,
    flags=("huffman-single",),
    effect="Lengths are all 0, and which symbol it was is lost.",
    fix="Give a single symbol the codeword 0, one bit long.",
    symptom="only in some shapes",
    run=run,
)
