"""Signs to bits, and bits to tables: what is done to the image before the tiles of signs.

Bits are words of 32 channels of a pixel: bit c mod 32 of word ⌊c/32⌋ is set where channel c is above 0.
"""

from typing import Any

from llvmlite import ir
from numba import types
from numba.extending import intrinsic

from qref.kernels.ir import (
    F32,
    I8,
    I16,
    I32,
    I64,
    Value,
    at,
    constant,
    load,
    loop,
    pointer,
    store,
    vector,
)
from qref.kernels.tile.lookup import TABLE

WORD = 32
ELEMENTS = {"int8": I8, "int32": I32, "float32": F32}
"""What signs may be stored as."""


def positive(b: ir.IRBuilder, signs: Value) -> Value:
    """Which of them are above 0, a vector of bits."""
    zeros = ir.Constant(signs.type, None)
    if signs.type.element == F32:
        return b.fcmp_ordered(">", signs, zeros)
    return b.icmp_signed(">", signs, zeros)


def size_of(dtype: str) -> int:
    """Bytes of an element."""
    return 1 if dtype == "int8" else 4


def words_of_planes(dtype: str, lanes: int, whole: bool) -> Any:
    """words(x, plane, channels, y): a word for each of `lanes` pixels side by side, at y.

    x: the pixels of channel 0; plane: bytes to the next channel. whole: there are 32 channels, else `channels` of them,
    and zeros.
    """
    signs = vector(ELEMENTS[dtype], lanes)
    bytes_ = vector(I8, lanes)

    @intrinsic
    def words(typingctx: Any, x: Any, plane: Any, channels: Any, y: Any) -> Any:
        def emit(context: Any, b: ir.IRBuilder, signature: Any, arguments: Any) -> Any:
            x, plane, channels, y = arguments
            x, y = pointer(b, x), pointer(b, y)

            def with_channel(p: Value, bit: Value, total: Value) -> Value:
                found = positive(b, load(b, p, signs, align=1))
                return b.or_(total, b.select(found, bit, ir.Constant(bytes_, None)))

            def eight(first: int) -> Value:
                p = at(b, x, b.mul(plane, I64(first)))
                if whole:
                    total = ir.Constant(bytes_, None)
                    for k in range(8):
                        total = with_channel(at(b, p, b.mul(plane, I64(k))), constant(bytes_, 1 << k), total)
                    return total
                left = b.sub(channels, I64(first))
                left = b.select(b.icmp_signed("<", left, I64(8)), left, I64(8))

                def one(_: Value, carried: list[Value]) -> list[Value]:
                    p, bit, total = carried
                    return [at(b, p, plane), b.add(bit, bit), with_channel(p, bit, total)]

                return loop(b, I64(0), left, 1, [p, constant(bytes_, 1), ir.Constant(bytes_, None)], one)[2]

            store(b, together(b, [eight(first) for first in range(0, WORD, 8)]), y)
            return context.get_dummy_value()

        return types.void(*[types.intp] * 4), emit

    return words


def together(b: ir.IRBuilder, bytes_: list[Value]) -> Value:
    """The bytes of every lane as one number, the first the lowest."""
    while len(bytes_) > 1:
        wide = vector(ir.IntType(2 * bytes_[0].type.element.width), bytes_[0].type.count)
        shift = constant(wide, bytes_[0].type.element.width)
        pairs = zip(bytes_[::2], bytes_[1::2])
        bytes_ = [b.or_(b.zext(low, wide), b.shl(b.zext(high, wide), shift)) for low, high in pairs]
    return bytes_[0]


def word_of_channels(dtype: str) -> Any:
    """word(x, y): the word of 32 channels that lie side by side."""

    @intrinsic
    def word(typingctx: Any, x: Any, y: Any) -> Any:
        def emit(context: Any, b: ir.IRBuilder, signature: Any, arguments: Any) -> Any:
            x, y = (pointer(b, address) for address in arguments)
            store(b, b.bitcast(positive(b, load(b, x, vector(ELEMENTS[dtype], WORD), align=1)), I32), y)
            return context.get_dummy_value()

        return types.void(*[types.intp] * 2), emit

    return word


def tables_of_pair(count: int) -> Any:
    """tables(first, second, y): the first of two look-ups of tables, and the second in upper halves, at y.

    first, second: addresses of tables of a pixel's eight channels. count: 1 or 2 tables are wanted.
    """
    type = vector(I16, count * TABLE // 2)

    @intrinsic
    def tables(typingctx: Any, first: Any, second: Any, y: Any) -> Any:
        def emit(context: Any, b: ir.IRBuilder, signature: Any, arguments: Any) -> Any:
            lower, upper = (load(b, pointer(b, address), type, align=1) for address in arguments[:2])
            store(b, b.or_(lower, b.shl(upper, constant(type, 4))), pointer(b, arguments[2]), align=1)
            return context.get_dummy_value()

        return types.void(*[types.intp] * 3), emit

    return tables


@intrinsic
def byte_at(typingctx: Any, p: Any) -> Any:
    """byte_at(p) → int64."""

    def emit(context: Any, b: ir.IRBuilder, signature: Any, arguments: Any) -> Any:
        return b.zext(load(b, pointer(b, arguments[0]), I8, align=1), I64)

    return types.intp(types.intp), emit
