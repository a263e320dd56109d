"""Codewords given in the order of symbols, not by length first."""

import numpy as np

from qref.mistakes.altered_request import check, rerun
from qref.mistakes.huffman_codes import CODE
from qref.mistakes.mistake import Mistake
from qref.numerics.tensor import Tensor
from qref.ops.request import Request


def run(request: Request) -> list[Tensor]:
    check(request, CODE)
    lengths, _, size = rerun(request)
    words = np.zeros(lengths.data.size, np.uint16)
    word = before = 0
    for s in np.flatnonzero(lengths.data):
        length = int(lengths.data[s])
        word = word << length - before if length >= before else word >> before - length
        words[s], word, before = word & ((1 << length) - 1), word + 1, length
    return [lengths, Tensor("uint16", words), size]


MISTAKE = Mistake(
    name="huffman-codewords-by-symbol",
    operators=CODE,
    flags=("huffman-codewords",),
    effect="Lengths 2, 1, 2 get 00, 0 and 10: one begins with another.",
    fix="Sort by length, then symbol: 10, 0, 11.",
    symptom="nearly everywhere",
    run=run,
)
