"""How products of 8-bit integers are added to an int32 lane: one table, a way for each kind of instruction.

A lane takes a word of 4 bytes of x, the same in all lanes, and a word of its own weights. The word holds four channels
of 8 bits, or two of 16: what 8 bits cannot hold (uint8 weights with a zero point of 0, say) fits there after the zero
points are subtracted. Every way is exact: no sum in it can saturate, and int32 sums are taken modulo 2³².
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from llvmlite import ir

from qref.kernels.instructions import InstructionSet
from qref.kernels.ir import I8, I16, I32, Value, constant, declared, load, splat, vector
from qref.kernels.tile.reduction import Arithmetic


@dataclass(frozen=True)
class Dot:
    """A way to add products.

    x: NumPy's name of the type of a channel of x in memory: uint8, int8 or int16; weights are int16 beside int16, else
    int8. registers: that a tile of two vectors needs beside its sums. weights, broadcast: (b, what was loaded) → what
    multiply_add(b, x, w, sums) takes; it gives the new sums.
    """

    x: str
    registers: int
    weights: Callable[[ir.IRBuilder, Value], Any]
    broadcast: Callable[[ir.IRBuilder, Value, int], Any]
    multiply_add: Callable[[ir.IRBuilder, Any, Any, Value], Value]

    @property
    def channels(self) -> int:
        """Of a word."""
        return 2 if self.wide else 4

    @property
    def wide(self) -> bool:
        """Whether a channel has 16 bits, which hold differences to a zero point."""
        return self.x == "int16"


def as_loaded(b: ir.IRBuilder, weights: Value) -> Value:
    """Weights need nothing."""
    return weights


def fused(name: str, b: ir.IRBuilder, x: Value, w: Value, sums: Value) -> Value:
    """One instruction of four products: VNNI's vpdpbusd, NEON's sdot and usdot."""
    bytes_of = vector(I8, 4 * sums.type.count)
    add = declared(b, name, sums.type, [sums.type, bytes_of, bytes_of])
    return b.call(add, [sums, b.bitcast(x, bytes_of), b.bitcast(w, bytes_of)])


PAIRS_OF_WORDS = {8: "llvm.x86.avx2.pmadd.wd", 16: "llvm.x86.avx512.pmaddw.d.512"}
PAIRS_OF_BYTES = {8: "llvm.x86.avx2.pmadd.ub.sw", 16: "llvm.x86.avx512.pmaddubs.w.512"}


def sums_of_pairs(b: ir.IRBuilder, x: Value, w: Value) -> Value:
    """vpmaddwd: a sum of two products of 16 bits is at most 2³¹, which only −32768 four times would be."""
    lanes = x.type.count
    of_words = vector(I16, 2 * lanes)
    multiply = declared(b, PAIRS_OF_WORDS[lanes], x.type, [of_words, of_words])
    return b.call(multiply, [b.bitcast(x, of_words), b.bitcast(w, of_words)])


def words(b: ir.IRBuilder, x: Value, w: Value, sums: Value) -> Value:
    """Two channels of 16 bits."""
    return b.add(sums, sums_of_pairs(b, x, w))


def saturating(b: ir.IRBuilder, x: Value, w: Value, sums: Value) -> Value:
    """vpmaddubsw, and vpmaddwd with ones. Exact only for weights that `pairs_fit`: the first one saturates."""
    lanes = sums.type.count
    of_bytes, of_words = vector(I8, 4 * lanes), vector(I16, 2 * lanes)
    multiply = declared(b, PAIRS_OF_BYTES[lanes], of_words, [of_bytes, of_bytes])
    pairs = b.call(multiply, [b.bitcast(x, of_bytes), b.bitcast(w, of_bytes)])
    return b.add(sums, sums_of_pairs(b, b.bitcast(pairs, sums.type), b.bitcast(constant(of_words, 1), sums.type)))


def pairs_fit(weights: Any) -> bool:
    """Whether no sum of two products can leave int16: weights [..., 4] of a word, against x of 0 … 255.

    255·128 = 32640 and 255·(−128) = −32640 are inside; positive or negative parts that sum up to 129 are not.
    """
    pairs = weights.reshape(-1, 2).astype("int16")
    above, below = pairs.clip(0, None).sum(axis=1), pairs.clip(None, 0).sum(axis=1)
    return bool((above <= 128).all() and (below >= -128).all())


def halves(b: ir.IRBuilder, word: Value) -> tuple[Value, Value]:
    """The low and the high 16 bits of an int32, or of each lane, as int32."""
    sixteen = I32(16) if word.type == I32 else constant(word.type, 16)
    return b.ashr(b.shl(word, sixteen), sixteen), b.ashr(word, sixteen)


def of_halves(b: ir.IRBuilder, x: tuple[Value, Value], w: tuple[Value, Value], sums: Value) -> Value:
    """Two channels, each multiplied in 32 bits."""
    for one, other in zip(x, w):
        sums = b.add(sums, b.mul(one, other))
    return sums


def splat_halves(b: ir.IRBuilder, word: Value, lanes: int) -> tuple[Value, Value]:
    """Both channels of x in every lane."""
    low, high = halves(b, word)
    return splat(b, low, lanes), splat(b, high, lanes)


DOTS: dict[str, Dot] = {
    "vnni-512": Dot("uint8", 3, as_loaded, splat, partial(fused, "llvm.x86.avx512.vpdpbusd.512")),
    "vnni-256": Dot("uint8", 3, as_loaded, splat, partial(fused, "llvm.x86.avx512.vpdpbusd.256")),
    "bytes": Dot("uint8", 6, as_loaded, splat, saturating),
    "words": Dot("int16", 4, as_loaded, splat, words),
    "usdot": Dot("uint8", 3, as_loaded, splat, partial(fused, "llvm.aarch64.neon.usdot.v4i32.v16i8")),
    "sdot": Dot("int8", 3, as_loaded, splat, partial(fused, "llvm.aarch64.neon.sdot.v4i32.v16i8")),
    "portable": Dot("int16", 16, halves, splat_halves, of_halves),
}
"""By the names that InstructionSet.dot has, and `bytes`, which is for weights that it is exact for."""


def exact_dot(here: InstructionSet, eight_bits: bool, pairs: bool) -> str:
    """The fastest exact way. eight_bits: weights less their zero points fit int8. pairs: and they `pairs_fit`."""
    narrow = dot_of(here, 8)
    fits = eight_bits and (pairs or narrow != "bytes")
    return narrow if fits and not DOTS[narrow].wide else dot_of(here, 16)


def dot_of(here: InstructionSet, bits: int) -> str:
    """The way for weights that are kept in 8 or 16 bits; a machine may have only the one for 16."""
    on_x86 = any(feature.startswith("avx") for feature in here.needs)
    if bits == 8:
        return "bytes" if here.dot == "words" else here.dot
    return "words" if on_x86 else "portable"


def most_pixels(here: InstructionSet, name: str) -> int:
    """Of a tile whose sums stay in registers; where there are too few even so, of four pixels."""
    return max(min(here.pixels, (here.registers - DOTS[name].registers) // here.vectors), 4)


def arithmetic(name: str, lanes: int) -> Arithmetic:
    """Of vectors of so many int32 sums."""
    dot = DOTS[name]
    return Arithmetic(
        word=I32,
        weight_bytes=4 * lanes,
        weights=lambda b, p, offset: dot.weights(b, load(b, p, vector(I32, lanes), offset)),
        broadcast=lambda b, word: dot.broadcast(b, word, lanes),
        multiply_add=dot.multiply_add,
    )
