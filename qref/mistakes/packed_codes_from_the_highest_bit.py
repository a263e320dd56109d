"""Codes packed into bytes from the highest bit on, as Huffman's codewords are."""

import numpy as np

from qref.mistakes.altered_request import check
from qref.mistakes.mistake import Mistake
from qref.numerics.tensor import Tensor
from qref.ops.request import Request

OPERATORS = ("PackCodes", "UnpackCodes")


def run(request: Request) -> list[Tensor]:
    check(request, OPERATORS)
    given, bits = request.inputs[0], int(request.attributes.get("bits", 8))
    assert given is not None
    if request.op == "PackCodes":
        codes = given.data > 0 if given.dtype == "int8" and bits == 1 else given.data
        each = np.unpackbits(codes.astype(np.uint8).reshape(-1, 1), axis=1)[:, 8 - bits :]
        return [Tensor("uint8", np.packbits(each.reshape(-1)))]
    shape = tuple(request.attributes["shape"])
    each = np.unpackbits(given.data, count=int(np.prod(shape)) * bits).reshape(-1, bits)
    codes = (each.astype(np.int64) << np.arange(bits)[::-1]).sum(axis=1)
    if request.attributes.get("signed"):
        codes = 2 * codes - 1 if bits == 1 else codes - (codes >> bits - 1 << bits)
        return [Tensor("int8", codes.astype(np.int8).reshape(shape))]
    return [Tensor("uint8", codes.astype(np.uint8).reshape(shape))]


MISTAKE = Mistake(
    name="packed-codes-from-the-highest-bit",
    operators=OPERATORS,
    flags=("packed-codes",),
    effect="Codes 1, 2 of four bits become the byte 0x12 where 0x21 is right.",
    fix="Begin with the lowest bit: the first code of four bits is the low half of the byte.",
    symptom="nearly everywhere",
    run=run,
)
