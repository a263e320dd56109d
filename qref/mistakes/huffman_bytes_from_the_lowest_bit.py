"""Codewords written into bytes from the lowest bit on, as packed codes are."""

import numpy as np

from qref.mistakes.altered_request import check, rerun
from qref.mistakes.mistake import Mistake
from qref.numerics.tensor import Tensor
from qref.ops.request import Request

OPERATORS = ("HuffmanEncode", "HuffmanDecode")


def run(request: Request) -> list[Tensor]:
    check(request, OPERATORS)
    if request.op == "HuffmanEncode":
        packed, lengths, size = rerun(request)
        return [turned(packed), lengths, size]
    stream = request.inputs[0]
    assert stream is not None
    return rerun(request, {0: turned(stream)})


def turned(packed: Tensor) -> Tensor:
    """Each byte with its bits the other way round."""
    return Tensor("uint8", np.packbits(np.unpackbits(packed.data, bitorder="little")))


MISTAKE = Mistake(
    name="huffman-bytes-from-the-lowest-bit",
    operators=OPERATORS,
    flags=("huffman-stream",),
    effect="The first codeword, 0b10, makes the byte 0x01 instead of 0x80.",
    fix="Write bytes from their highest bit on.",
    symptom="nearly everywhere",
    run=run,
)
