"""Streams of codes inside an ONNX model: packed bytes, and the functions that take the codes out again."""

from typing import Any

import numpy as np

from qref.quantizers.encoded import Symbols
from qref.quantizers.packed_codes import pack
from qref.saveload.decoding import DOMAIN, Decoding
from qref.saveload.huffman_nodes import unpacked_huffman

FUNCTIONS = {
    "UnpackCodes": """
UnpackCodes (packed, count, codes_by_bits, values) => (codes)
{
  column = Constant <value = int64[2] {-1, 1}> ()
  shifts = Constant <value = uint8[8] {0, 1, 2, 3, 4, 5, 6, 7}> ()
  two = Constant <value = uint8[1] {2}> ()
  row = Constant <value = int64[1] {-1}> ()
  zero = Constant <value = int64[1] {0}> ()
  bytes = Reshape (packed, column)
  shifted = BitShift <direction = "RIGHT"> (bytes, shifts)
  bits = Mod (shifted, two)
  numbers = Cast <to = 1> (bits)
  line = Reshape (numbers, row)
  used = Slice (line, zero, count)
  table = Reshape (used, codes_by_bits)
  codes = MatMul (table, values)
}""",
    "UnpackSigns": """
UnpackSigns (packed, count, codes_by_bits, values) => (signs)
{
  one = Constant <value = float[1] {1.0}> ()
  doubled = qref.UnpackCodes (packed, count, codes_by_bits, values)
  signs = Sub (doubled, one)
}""",
}
"""The bodies of the model-local functions.

UnpackCodes: bytes → bits, the first `count` of them as a matrix of a code a row → codes, by the value of each bit.
"""


def unpacked(stream: Symbols, decoding: Decoding, signed: bool = False) -> Any:
    """The codes as float32, a column [count, 1]. signed: two's complement, or bit 1 for +1 and 0 for −1."""
    if decoding.huffman:
        return unpacked_huffman(stream, decoding, signed)
    count, width = stream.values.size, stream.width
    worth = 2.0 ** np.arange(width)
    if signed:
        worth[-1] *= 2 if width == 1 else -1
    inputs = [
        decoding.tensor("packed", np.frombuffer(pack(stream.values, width), np.uint8)),
        decoding.ints("count", count * width),
        decoding.ints("codes_by_bits", count, width),
        decoding.tensor("values", worth.astype(np.float32).reshape(-1, 1)),
    ]
    return decoding.node("unpacked", "UnpackSigns" if signed and width == 1 else "UnpackCodes", inputs, DOMAIN)
