"""What mistakes in Huffman's code share: answers made of other lengths or codewords."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from qref.compression import huffman
from qref.compression.huffman_coded import counts
from qref.mistakes.altered_request import check
from qref.numerics.tensor import Tensor
from qref.ops.request import Request
from qref.quantizers.encoded import Symbols

CODE = ("HuffmanCode",)
STREAM = ("HuffmanEncode",)
BOTH = (*CODE, *STREAM)

Lengths = NDArray[np.uint8]


def with_lengths(request: Request, rule: Callable[[list[int]], list[int]]) -> list[Tensor]:
    """What an engine answers whose lengths follow this rule; it is given the counts of the symbols that occur."""
    check(request, BOTH)
    given = request.inputs[0]
    assert given is not None
    occur = given.data if request.op == "HuffmanCode" else counts(stream(request))
    lengths = np.zeros(occur.size, np.uint8)
    found = np.flatnonzero(occur)
    if found.size > 1:
        lengths[found] = rule([int(n) for n in occur[found]])
    else:
        lengths[found] = 1
    if request.op == "HuffmanCode":
        return of_code(occur, lengths, huffman.codewords(lengths))
    return of_stream(given.data, lengths)


def stream(request: Request) -> Symbols:
    given = request.inputs[0]
    assert given is not None
    return Symbols(given.data, int(request.attributes.get("bits", 8)))


def of_code(occur: NDArray[np.int64], lengths: Lengths, words: NDArray[np.uint16]) -> list[Tensor]:
    """Lengths, codewords and size."""
    bits = 8 * len(huffman.packed_lengths(lengths)) + huffman.stream_bits(occur, lengths)
    return [Tensor("uint8", lengths), Tensor("uint16", words), Tensor("int64", np.array(bits, np.int64))]


def of_stream(symbols: NDArray[np.uint8], lengths: Lengths) -> list[Tensor]:
    """Bytes, lengths and size."""
    packed = huffman.encode(symbols, lengths)
    size = 8 * (len(packed) + len(huffman.packed_lengths(lengths)))
    return [
        Tensor("uint8", np.frombuffer(packed, np.uint8)),
        Tensor("uint8", lengths),
        Tensor("int64", np.array(size, np.int64)),
    ]
