"""HuffmanDecode: a table of all windows of 15 bits, one look-up a symbol.

Building the code and encoding are a pass of NumPy in the reference already.
"""

import numpy as np
from numba import njit
from numpy.typing import NDArray

from qref.compression import huffman
from qref.numerics.tensor import Tensor
from qref.ops import keywords
from qref.ops.operator import Operator
from qref.ops.qref.packed_codes import shape_size
from qref.ops.request import Request

WINDOW = huffman.LONGEST
SPARE = 3  # bytes behind the stream, so that a window may look beyond it


def huffman_decode(request: Request, operator: Operator) -> Tensor:
    """HuffmanDecode; what is malformed is refused in the reference's words."""
    given = keywords(request, operator)
    packed, lengths = request.inputs
    shape = given.get("shape")
    if packed is not None and lengths is not None and _plain(packed, lengths):
        count = shape_size(shape)
        found = decode(packed.data, lengths.data, count)
        if found is not None:
            return Tensor("uint8", found.reshape(shape))
    answer = operator.function(*request.inputs, **given)
    assert isinstance(answer, Tensor)
    return answer


def _plain(packed: Tensor, lengths: Tensor) -> bool:
    return all(x.dtype == "uint8" and len(x.shape) == 1 for x in (packed, lengths)) and lengths.data.size <= 256


def decode(raw: NDArray[np.uint8], lengths: huffman.Lengths, count: int) -> NDArray[np.uint8] | None:
    """The symbols, or None where the stream is malformed."""
    huffman.check(lengths)
    length_of, symbol_of = table(lengths)
    symbols = np.empty(count, np.uint8)
    end = _decode(np.concatenate([raw, np.zeros(SPARE, np.uint8)]), 8 * raw.size, length_of, symbol_of, symbols)
    if end < 0 or 8 * raw.size - end > 7 or np.unpackbits(raw[end // 8 :])[end % 8 :].any():
        return None
    return symbols


def table(lengths: huffman.Lengths) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """Length and symbol of the codeword that each window begins with; length 0 where none does."""
    length_of, symbol_of = np.zeros(1 << WINDOW, np.uint8), np.zeros(1 << WINDOW, np.uint8)
    for s, word in enumerate(huffman.codewords(lengths).tolist()):
        if lengths[s]:
            spare = WINDOW - int(lengths[s])
            windows = slice(word << spare, word + 1 << spare)
            length_of[windows], symbol_of[windows] = lengths[s], s
    return length_of, symbol_of


@njit("int64(uint8[::1], int64, uint8[::1], uint8[::1], uint8[::1])", cache=True)
def _decode(raw, bits, length_of, symbol_of, symbols):  # type: ignore[no-untyped-def]
    """Fills `symbols`; the bit behind the last codeword, or −1 where one is missing."""
    p = np.int64(0)
    for i in range(symbols.size):
        if p >= bits:
            return -1
        byte = p >> 3
        triple = (np.int64(raw[byte]) << 16) | (np.int64(raw[byte + 1]) << 8) | np.int64(raw[byte + 2])
        window = (triple >> (9 - (p & 7))) & 0x7FFF
        length = np.int64(length_of[window])
        p += length
        if length == 0 or p > bits:
            return -1
        symbols[i] = symbol_of[window]
    return p
