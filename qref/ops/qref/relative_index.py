"""RelativeIndexEncode and RelativeIndexDecode: Deep Compression's sparse tensors.

qref's own operators (domain "qref", opset 1).
"""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from qref.compression.huffman_coded import HuffmanCoded
from qref.compression.relative_index import MOST_VALUES, RelativeIndex, sparse
from qref.errors import InvalidInput
from qref.numerics.tensor import Tensor
from qref.ops.check import dtype, require
from qref.ops.operator import Attribute, Operator
from qref.ops.qref.csr import stored
from qref.ops.qref.packed_codes import shape_size
from qref.quantizers.encoded import Coded
from qref.quantizers.granularity import TENSOR
from qref.quantizers.weights import finite, known


def relative_index_encode(
    W: Tensor, codebook: Tensor | None = None, *, gap_bits: int = 8, huffman: int = 0, opset: int = 1
) -> tuple[Tensor, ...]:
    """Gaps uint8 [entries], values float32 or codes uint8 [entries], the size in bits int64 [], the bytes uint8.

    Args:
        W: finite float32; what was pruned is 0. codebook: finite float32 [V], 1 to 256 different numbers, that hold
        every weight that is not 0; with it, codes are given, of ⌈log2 V⌉ bits, at least 1. gap_bits: 1 to 8. huffman: 1
        where the streams are stored by Huffman's code.

    Raises:
        InvalidInput: other types or attributes, NaN or infinity, a weight that is not in the codebook, fillers and no 0
            in the codebook.
    """
    dtype("W", W, ("float32",))
    require(huffman in (0, 1), f"huffman is {huffman}: give 0 or 1")
    numbers = finite("W", W.data)
    book = None if codebook is None else _codebook(codebook)
    found = sparse(numbers, None, None, gap_bits)
    assert isinstance(found.values, np.ndarray)
    values = Tensor("float32", found.values)
    if book is not None:
        codes = places(found.values, book)
        width = max((book.size - 1).bit_length(), 1)
        found = replace(found, values=Coded(codes.reshape(1, -1), book[np.newaxis], TENSOR, width))
        values = Tensor("uint8", codes)
    return Tensor("uint8", found.gaps), values, *_stored(found, huffman)


def _stored(found: RelativeIndex, huffman: int) -> tuple[Tensor, Tensor]:
    encoded = HuffmanCoded(found) if huffman else found
    return stored(encoded.bits, encoded.packed())


def _codebook(codebook: Tensor) -> NDArray[np.float32]:
    dtype("codebook", codebook, ("float32",))
    require(
        len(codebook.shape) == 1 and 1 <= codebook.data.size <= MOST_VALUES,
        f"codebook {list(codebook.shape)}: give 1 to {MOST_VALUES} values in a row",
    )
    book = finite("codebook", codebook.data)
    require(np.unique(book).size == book.size, "a value stands twice in the codebook")
    return book


def places(values: NDArray[np.float32], book: NDArray[np.float32]) -> NDArray[np.uint8]:
    """The place of each value in the codebook. Raises InvalidInput for a value that it does not hold."""
    order = np.argsort(book, kind="stable")
    found = order[np.minimum(np.searchsorted(book[order], values), book.size - 1)]
    missing = values[book[found] != values]
    if missing.size:
        raise InvalidInput(f"{missing[0]} is not in the codebook" + (", and fillers need it" if not missing[0] else ""))
    return found.astype(np.uint8)


def relative_index_decode(
    gaps: Tensor,
    values: Tensor,
    codebook: Tensor | None = None,
    *,
    shape: Sequence[int] | None = None,
    gap_bits: int = 8,
    opset: int = 1,
) -> Tensor:
    """W of `shape`: each value g + 1 places behind the one before, in C order; 0 elsewhere.

    Args:
        gaps: uint8 [entries], below 2^gap_bits. values: finite float32 [entries], or, with a codebook, float32 [V],
        codes uint8 [entries].

    Raises:
        InvalidInput: no shape, other types, lengths or attributes, a gap of more bits, an entry beyond the shape, a
            code from V on, NaN or infinity.
    """
    count = shape_size(shape)
    assert shape is not None
    dtype("gaps", gaps, ("uint8",))
    dtype("values", values, ("float32",) if codebook is None else ("uint8",))
    require(1 <= gap_bits <= 8, f"gaps of {gap_bits} bits: give 1 to 8")
    require(len(gaps.shape) == 1 and values.shape == gaps.shape, "gaps and values are one row each, as long")
    known(gaps.data, 1 << gap_bits, f"as a gap of {gap_bits} bits")
    last = int((gaps.data.astype(np.int64) + 1).sum()) - 1
    require(last < count, f"the last entry stands at {last}, beyond the {count} weights")
    if codebook is None:
        found = RelativeIndex(tuple(shape), gaps.data, gap_bits, finite("values", values.data))
    else:
        book = _codebook(codebook)
        known(values.data, book.size, f"in a codebook of {book.size} values")
        codes = Coded(values.data.reshape(1, -1), book[np.newaxis], TENSOR, width=8)
        found = RelativeIndex(tuple(shape), gaps.data, gap_bits, codes)
    return Tensor("float32", found.decode())


OPERATORS = (
    Operator(
        "RelativeIndexEncode",
        "qref",
        opsets=(1,),
        inputs=(1, 2),
        outputs=4,
        attributes={"gap_bits": Attribute("int", 8), "huffman": Attribute("int", 0)},
        function=relative_index_encode,
    ),
    Operator(
        "RelativeIndexDecode",
        "qref",
        opsets=(1,),
        inputs=(2, 3),
        outputs=1,
        attributes={"shape": Attribute("ints"), "gap_bits": Attribute("int", 8)},
        function=relative_index_decode,
    ),
)
