"""Canonical codewords counted down from ones instead of up from zeros."""

import numpy as np

from qref.mistakes.altered_request import check, rerun
from qref.mistakes.huffman_codes import CODE
from qref.mistakes.mistake import Mistake
from qref.numerics.tensor import Tensor
from qref.ops.request import Request


def run(request: Request) -> list[Tensor]:
    check(request, CODE)
    lengths, words, size = rerun(request)
    ones = (1 << lengths.data.astype(np.int64)) - 1
    return [lengths, Tensor("uint16", (ones - words.data).astype(np.uint16)), size]


MISTAKE = Mistake(
    name="huffman-codewords-from-ones",
    operators=CODE,
    flags=("huffman-codewords",),
    effect="The shortest codeword is 1 instead of 0.",
    fix="Begin with zeros: shorter codewords are the smaller numbers.",
    symptom="nearly everywhere",
    run=run,
)
