"""What mistakes in relative indices share: where the numbers stand, and answers made of other gaps and values."""

import numpy as np
from numpy.typing import NDArray

from qref.compression.huffman_coded import HuffmanCoded
from qref.compression.relative_index import RelativeIndex
from qref.errors import Unsupported
from qref.mistakes.altered_request import check
from qref.numerics.tensor import Tensor
from qref.ops.qref.csr import stored
from qref.ops.qref.relative_index import places
from qref.ops.request import Request
from qref.quantizers.encoded import Coded
from qref.quantizers.granularity import TENSOR

ENCODE = ("RelativeIndexEncode",)
DECODE = ("RelativeIndexDecode",)

Places = NDArray[np.int64]


def weights(request: Request) -> NDArray[np.float32]:
    """The weights of a request that the reference answers."""
    check(request, ENCODE)
    W = request.inputs[0]
    assert W is not None
    return W.data


def gap_bits(request: Request) -> int:
    return int(request.attributes.get("gap_bits", 8))


def answer(request: Request, gaps: list[int], values: list[float]) -> list[Tensor]:
    """What an encoder gives that has found these gaps and values; gaps are cut to their bits."""
    k = gap_bits(request)
    cut = (np.array(gaps, np.int64) & ((1 << k) - 1)).astype(np.uint8)
    numbers = np.array(values, np.float32)
    codebook = request.inputs[1] if len(request.inputs) > 1 else None
    if codebook is None:
        return outputs(request, RelativeIndex(weights(request).shape, cut, k, numbers))
    if (numbers == 0).any() and not (codebook.data == 0).any():
        raise Unsupported("fillers, and no 0 in the codebook")
    return coded(request, cut, places(numbers, codebook.data))


def coded(request: Request, gaps: NDArray[np.uint8], codes: NDArray[np.uint8]) -> list[Tensor]:
    """The same with codes."""
    codebook = request.inputs[1]
    assert codebook is not None
    width = max((codebook.data.size - 1).bit_length(), 1)
    values = Coded(codes.reshape(1, -1), codebook.data[np.newaxis], TENSOR, width)
    return outputs(request, RelativeIndex(weights(request).shape, gaps, gap_bits(request), values))


def outputs(request: Request, found: RelativeIndex) -> list[Tensor]:
    """Gaps, values or codes, size and bytes."""
    encoded = HuffmanCoded(found) if request.attributes.get("huffman") else found
    values = found.values
    shown = (
        Tensor("float32", values)
        if isinstance(values, np.ndarray)
        else Tensor("uint8", values.codes.reshape(-1).view(np.uint8))
    )
    return [Tensor("uint8", found.gaps), shown, *stored(encoded.bits, encoded.packed())]


def with_fillers(at: Places, flat: NDArray[np.float32], largest: int, taken: int) -> tuple[list[int], list[float]]:
    """Gaps and values of the numbers at `at`: as long as more than `largest` zeros are left, a filler takes `taken`."""
    gaps: list[int] = []
    values: list[float] = []
    for zeros, place in zip((np.diff(at, prepend=-1) - 1).tolist(), at.tolist()):
        while zeros > largest:
            gaps.append(largest)
            values.append(0.0)
            zeros -= taken
        gaps.append(zeros)
        values.append(float(flat[place]))
    return gaps, values
