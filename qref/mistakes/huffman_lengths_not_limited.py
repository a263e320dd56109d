"""Lengths of the tree, however deep, in a table of 4 bits."""

import numpy as np

from qref.compression.huffman import tree_depths
from qref.mistakes.altered_request import check, rerun
from qref.mistakes.huffman_codes import CODE
from qref.mistakes.mistake import Mistake
from qref.numerics.tensor import Tensor
from qref.ops.request import Request


def run(request: Request) -> list[Tensor]:
    check(request, CODE)
    lengths, words, size = rerun(request)
    counts = request.inputs[0]
    assert counts is not None
    found = np.flatnonzero(counts.data)
    if found.size < 2:
        return [lengths, words, size]
    stored = lengths.data.copy()
    stored[found] = np.array(tree_depths(counts.data[found].tolist())) & 15
    return [Tensor("uint8", stored), words, size]


MISTAKE = Mistake(
    name="huffman-lengths-not-limited",
    operators=CODE,
    flags=("huffman-limit",),
    effect="A length of 16 is stored as 0, and its symbol has no codeword.",
    fix="Where the tree is deeper than 15, take the lengths of package-merge.",
    symptom="only at the ends of the range",
    run=run,
)
