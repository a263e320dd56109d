"""Codes of k bits, packed without gaps: code after code, codes and bytes from their lowest bit on.

For 2, 4 and 8 bits these are the bytes of ONNX's int2, int4 and int8. The last byte is filled up with zeros.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

BLOCK = 1 << 20  # codes at a time, a multiple of 8: every block but the last ends with a byte


def pack(codes: NDArray[Any], bits: int) -> bytes:
    """The lowest `bits` bits of each code. codes: integers of any shape, bits: 1 to 32."""
    flat = codes.reshape(-1)
    packed = []
    for begin in range(0, flat.size, BLOCK):
        words = flat[begin : begin + BLOCK].astype(np.int64).astype("<u4")
        each = np.unpackbits(words.view(np.uint8).reshape(-1, 4), axis=1, bitorder="little")[:, :bits]
        packed.append(np.packbits(each.reshape(-1), bitorder="little").tobytes())
    return b"".join(packed)


def unpack(raw: bytes, bits: int, count: int) -> NDArray[np.uint32]:
    """The first `count` codes of `bits` bits, without sign."""
    each = np.unpackbits(np.frombuffer(raw, np.uint8), count=count * bits, bitorder="little").reshape(count, bits)
    words = np.zeros((count, 32), np.uint8)
    words[:, :bits] = each
    return np.packbits(words, axis=1, bitorder="little").view("<u4").reshape(count).astype(np.uint32)


def packed_bits(count: int, bits: int) -> int:
    """Bits that `count` codes of `bits` bits take, whole bytes."""
    return 8 * -(-count * bits // 8)
