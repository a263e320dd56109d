"""A size from the entropy instead of the codewords."""

import numpy as np

from qref.mistakes.altered_request import check, rerun
from qref.mistakes.huffman_codes import CODE
from qref.mistakes.mistake import Mistake
from qref.numerics.tensor import Tensor
from qref.ops.request import Request


def run(request: Request) -> list[Tensor]:
    check(request, CODE)
    lengths, words, _ = rerun(request)
    counts = request.inputs[0]
    assert counts is not None
    n = counts.data[counts.data > 0].astype(np.float64)
    bits = float((n * np.log2(n.sum() / n)).sum()) if n.size else 0.0
    table = 8 * (lengths.data.size + 1 >> 1)
    return [lengths, words, Tensor("int64", np.array(table + 8 * -int(-bits // 8), np.int64))]


MISTAKE = Mistake(
    name="huffman-size-by-entropy",
    operators=CODE,
    flags=("huffman-size",),
    effect="15, 7, 6, 6 and 5 of five symbols take 87 bits, not 85.25.",
    fix="Add up counts times lengths: codewords have whole bits.",
    symptom="nearly everywhere",
    run=run,
)
