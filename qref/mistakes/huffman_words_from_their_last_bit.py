"""Codewords written with their last bit first."""

import numpy as np

from qref.compression import huffman
from qref.mistakes.altered_request import check, rerun
from qref.mistakes.huffman_codes import STREAM
from qref.mistakes.mistake import Mistake
from qref.numerics.tensor import Tensor
from qref.ops.request import Request


def run(request: Request) -> list[Tensor]:
    check(request, STREAM)
    _, lengths, size = rerun(request)
    symbols = request.inputs[0]
    assert symbols is not None
    words = [f"{w:0{n}b}"[::-1] for w, n in zip(huffman.codewords(lengths.data).tolist(), lengths.data.tolist())]
    line = "".join(words[s] for s in symbols.data.reshape(-1))
    packed = np.packbits(np.array([int(bit) for bit in line], np.uint8))
    return [Tensor("uint8", packed), lengths, size]


MISTAKE = Mistake(
    name="huffman-words-from-their-last-bit",
    operators=STREAM,
    flags=("huffman-stream",),
    effect="The codeword 110 is written 011, and no longer free of the others' beginnings.",
    fix="Write a codeword from its highest bit on: a decoder decides after the first ones.",
    symptom="nearly everywhere",
    run=run,
)
