"""HuffmanCoded: an encoded tensor whose streams of codes are stored by Huffman's code, one code a stream.

Han, Mao, Dally, "Deep compression", 2016, section 4: the places in the codebook and the differences of positions are
Huffman coded, each stream by itself. Nothing is lost: the tensor is that of the codes.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from qref.compression import huffman
from qref.quantizers.encoded import SymbolCoded, Symbols


@dataclass(frozen=True, eq=False)
class HuffmanCoded:
    """The codes of `encoded`, each stream in codewords of its own; its tables as they are."""

    encoded: SymbolCoded

    @property
    def shape(self) -> tuple[int, ...]:
        return self.encoded.shape

    @property
    def bits(self) -> int:
        return sum(_bits(stream) for stream in self.encoded.symbols) + 8 * len(self.encoded.tables)

    def decode(self) -> NDArray[np.float32]:
        """What the codes stand for."""
        return self.encoded.decode()

    def packed(self) -> bytes:
        """Of each stream the code lengths, 4 bits for each of its 2^width symbols, and the codewords; then tables."""
        return b"".join(map(_packed, self.encoded.symbols)) + self.encoded.tables


def counts(stream: Symbols) -> NDArray[np.int64]:
    """How often each of the 2^width symbols occurs."""
    found = np.zeros(1 << stream.width, np.int64)
    flat = stream.values.reshape(-1)
    for begin in range(0, flat.size, huffman.BLOCK):
        found += np.bincount(flat[begin : begin + huffman.BLOCK], minlength=found.size)
    return found


def _bits(stream: Symbols) -> int:
    occur = counts(stream)
    lengths = huffman.code_lengths(occur)
    return 8 * len(huffman.packed_lengths(lengths)) + huffman.stream_bits(occur, lengths)


def _packed(stream: Symbols) -> bytes:
    lengths = huffman.code_lengths(counts(stream))
    return huffman.packed_lengths(lengths) + huffman.encode(stream.values, lengths)
