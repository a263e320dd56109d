"""HuffmanCode, HuffmanEncode and HuffmanDecode: Huffman's canonical code of at most 15 bits.

qref's own operators (domain "qref", opset 1).
"""

from collections.abc import Sequence

import numpy as np

from qref.compression import huffman
from qref.compression.huffman_coded import counts as counts_of
from qref.numerics.tensor import Tensor
from qref.ops.check import dtype, require
from qref.ops.operator import Attribute, Operator
from qref.ops.qref.packed_codes import shape_size
from qref.quantizers.encoded import Symbols
from qref.quantizers.weights import known

MOST_SYMBOLS = 256
MOST_COUNTED = 1 << 48


def huffman_code(counts: Tensor, *, opset: int = 1) -> tuple[Tensor, Tensor, Tensor]:
    """Code lengths uint8 [S], codewords uint16 [S], both 0 where a count is 0; the size of code and stream in bits.

    Args:
        counts: int64 [S], how often each of at most 256 symbols occurs.

    Raises:
        InvalidInput: another type, shape or number of symbols, a count below 0, 2^48 or more symbols together.
    """
    dtype("counts", counts, ("int64",))
    require(len(counts.shape) == 1, f"counts {list(counts.shape)}: give one row")
    require(counts.data.size <= MOST_SYMBOLS, f"{counts.data.size} symbols: {MOST_SYMBOLS} at most")
    require(not counts.data.size or int(counts.data.min()) >= 0, "a count is below 0")
    require(sum(counts.data.tolist()) < MOST_COUNTED, f"{MOST_COUNTED} symbols or more together")
    lengths = huffman.code_lengths(counts.data)
    bits = 8 * len(huffman.packed_lengths(lengths)) + huffman.stream_bits(counts.data, lengths)
    return (
        Tensor("uint8", lengths),
        Tensor("uint16", huffman.codewords(lengths)),
        Tensor("int64", np.array(bits, np.int64)),
    )


def huffman_encode(symbols: Tensor, *, bits: int = 8, opset: int = 1) -> tuple[Tensor, Tensor, Tensor]:
    """Bytes uint8 of the codewords, code lengths uint8 [2^bits], and the size of both in bits, int64 [].

    Args:
        symbols: uint8 below 2^bits, taken in C order. bits: 1 to 8.

    Raises:
        InvalidInput: another type, other bits, a symbol of more bits.
    """
    dtype("symbols", symbols, ("uint8",))
    require(1 <= bits <= 8, f"symbols of {bits} bits: give 1 to 8")
    known(symbols.data, 1 << bits, f"in {bits} bits")
    occur = counts_of(Symbols(symbols.data, bits))
    lengths = huffman.code_lengths(occur)
    packed = huffman.encode(symbols.data, lengths)
    size = 8 * (len(huffman.packed_lengths(lengths)) + len(packed))
    return (
        Tensor("uint8", np.frombuffer(packed, np.uint8)),
        Tensor("uint8", lengths),
        Tensor("int64", np.array(size, np.int64)),
    )


def huffman_decode(packed: Tensor, lengths: Tensor, *, shape: Sequence[int] | None = None, opset: int = 1) -> Tensor:
    """The symbols of `shape`, uint8.

    Args:
        packed: uint8, what HuffmanEncode gave. lengths: uint8 [S], S at most 256.

    Raises:
        InvalidInput: no shape, other types or shapes, lengths that no Huffman code has, bytes that end early, hold no
            codeword where one is wanted, or hold more than the symbols.
    """
    count = shape_size(shape)
    for name, x in (("packed", packed), ("lengths", lengths)):
        dtype(name, x, ("uint8",))
        require(len(x.shape) == 1, f"{name} {list(x.shape)}: give one row")
    require(lengths.data.size <= MOST_SYMBOLS, f"{lengths.data.size} symbols: {MOST_SYMBOLS} at most")
    return Tensor("uint8", huffman.decode(packed.data.tobytes(), lengths.data, count).reshape(shape))


OPERATORS = (
    Operator("HuffmanCode", "qref", opsets=(1,), inputs=(1, 1), outputs=3, attributes={}, function=huffman_code),
    Operator(
        "HuffmanEncode",
        "qref",
        opsets=(1,),
        inputs=(1, 1),
        outputs=3,
        attributes={"bits": Attribute("int", 8)},
        function=huffman_encode,
    ),
    Operator(
        "HuffmanDecode",
        "qref",
        opsets=(1,),
        inputs=(2, 2),
        outputs=1,
        attributes={"shape": Attribute("ints")},
        function=huffman_decode,
    ),
)
