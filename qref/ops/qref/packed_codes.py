"""PackCodes and UnpackCodes: codes of k bits to bytes without gaps, and back.

qref's own operators (domain "qref", opset 1).
"""

from collections.abc import Sequence
from math import prod

import numpy as np

from qref.numerics.tensor import Tensor
from qref.ops.check import computable, dtype, require
from qref.ops.operator import Attribute, Operator
from qref.quantizers.packed_codes import pack, unpack


def pack_codes(codes: Tensor, *, bits: int = 8, opset: int = 1) -> Tensor:
    """uint8 [⌈n·bits/8⌉]: code after code, codes and bytes from their lowest bit on, the last byte filled up with 0.

    Args:
        codes: uint8 from 0 to 2^bits − 1; or int8, two's complement from −2^(bits − 1) on, of one bit −1 (0) and +1
        (1). bits: 1 to 8.

    Raises:
        InvalidInput: another type, other bits, a code that does not fit.
    """
    dtype("codes", codes, ("uint8", "int8"))
    _width(bits)
    signed = codes.dtype == "int8"
    lowest, highest = (-(1 << bits - 1), (1 << bits - 1) - 1) if signed else (0, (1 << bits) - 1)
    if signed and bits == 1:
        require(bool((np.abs(codes.data.astype(np.int64)) == 1).all()), "codes of one bit are −1 and +1")
        return Tensor("uint8", np.frombuffer(pack(codes.data > 0, 1), np.uint8))
    for code in (codes.data.min(), codes.data.max()) if codes.data.size else ():
        require(lowest <= int(code) <= highest, f"code {int(code)} in {bits} bits: {lowest} to {highest} fit")
    return Tensor("uint8", np.frombuffer(pack(codes.data, bits), np.uint8))


def unpack_codes(
    packed: Tensor, *, bits: int = 8, shape: Sequence[int] | None = None, signed: int = 0, opset: int = 1
) -> Tensor:
    """The codes of `shape` that PackCodes took: uint8, or int8 where `signed` is 1.

    Raises:
        InvalidInput: another type, other bits, no shape, bytes that are too few or too many, a last byte that is not
            filled up with 0.
    """
    dtype("packed", packed, ("uint8",))
    _width(bits)
    require(signed in (0, 1), f"signed is {signed}: give 0 or 1")
    count = shape_size(shape)
    assert shape is not None
    wanted = -(-count * bits // 8)
    require(packed.shape == (wanted,), f"packed {list(packed.shape)}: {count} codes of {bits} bits are [{wanted}]")
    codes = unpack(packed.data.tobytes(), bits, count).astype(np.int64)
    rest = np.unpackbits(packed.data, bitorder="little")[count * bits :]
    require(not rest.any(), "the last byte is not filled up with zeros")
    if signed:
        codes = 2 * codes - 1 if bits == 1 else codes - (codes >> bits - 1 << bits)
    return Tensor("int8" if signed else "uint8", codes.astype(np.int8 if signed else np.uint8).reshape(shape))


def shape_size(shape: Sequence[int] | None) -> int:
    """The number of elements.

    Raises:
        InvalidInput: there is no shape, or one with a negative length.
        Unsupported: more elements than are computed here.
    """
    require(shape is not None, "no shape: give that of the decoded tensor")
    assert shape is not None
    require(all(n >= 0 for n in shape), f"shape {list(shape)} has a negative length")
    computable(shape)
    return prod(shape)


def _width(bits: int) -> None:
    require(1 <= bits <= 8, f"codes of {bits} bits: give 1 to 8")


OPERATORS = (
    Operator(
        "PackCodes",
        "qref",
        opsets=(1,),
        inputs=(1, 1),
        outputs=1,
        attributes={"bits": Attribute("int", 8)},
        function=pack_codes,
    ),
    Operator(
        "UnpackCodes",
        "qref",
        opsets=(1,),
        inputs=(1, 1),
        outputs=1,
        attributes={"bits": Attribute("int", 8), "shape": Attribute("ints"), "signed": Attribute("int", 0)},
        function=unpack_codes,
    ),
)
