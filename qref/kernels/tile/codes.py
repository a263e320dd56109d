"""Codes of a few bits, several to a word of 32 bits, a word to a lane: numbers looked up in tables, and added up.

Lanes are outputs. A word holds the codes of one output for sub-spaces (or inputs) that follow each other, the first in
the lowest bits. AVX-512 looks up 16 lanes in a table of 32 floats by one instruction, which reads five bits of a lane
and no others: shifting a word is all that it takes to come from one code to the next.
"""

from collections.abc import Sequence
from typing import Any

from llvmlite import ir
from numba import types
from numba.extending import intrinsic

from qref.kernels.instructions import InstructionSet
from qref.kernels.ir import (
    F32,
    I32,
    I64,
    Value,
    at,
    constant,
    declared,
    load,
    loop,
    multiply_add,
    pointer,
    splat,
    store,
    undefined,
    vector,
)

NARROWEST = 4
"""Bits of a code in a word, at least."""
WIDEST_BY_PERMUTES = {16: 8, 8: 5}
"""By lanes, which tell AVX-512 from AVX2: bits of codes up to which registers are permuted; else there are loads."""

PROGRAM = '''"""A program of qref.kernels; qref/kernels/tile/codes.py says what it is."""

from numba import int64, njit, void

from qref.kernels.instructions.table import named
from qref.kernels.tile.codes import {tile}

tile = {tile}(named("{name}"), {width})


@njit(void(int64, int64, int64, int64, int64, int64, int64, int64), cache=True, nogil=True)
def kernel(first, last, x, tables, words, count, block, y):
    for i in range(first, last):
        tile(x, tables, words + i * count * block, count, y + i * block)
'''


def text(tile: str, here: InstructionSet, width: int) -> str:
    """The program kernel(first, last, x, tables, words, count, block, y) for blocks of outputs first ≤ i < last.

    tile: "looked_up" for y[m] = Σ_s T[s, B[m, s]] (x is not read), or "products" for y[m] = Σ_l x[l]·C[B[m, l]].

    x: [count · codes of a word], tables: [sub-spaces, 2^width] or one codebook [2^width], y: [blocks, outputs], all
    addresses of float32. words: int32 [blocks, count, outputs]. block: bytes of a vector of all outputs of a block.
    """
    return PROGRAM.format(tile=tile, name=here.name, width=width)


def vectors(here: InstructionSet) -> int:
    """Vectors of outputs of a block, whose sums are in registers together with tables and words."""
    return 8 if here.lanes == 16 else 2


def in_a_word(width: int) -> int:
    """How many codes a word holds."""
    return 32 // width


def looked_up(here: InstructionSet, width: int) -> Any:
    """tile(x, tables, words, count, y): y[m] = Σ_s T[s, B[m, s]] for the outputs of a block."""

    def code(b: ir.IRBuilder, x: Value, tables: Value, words: Value, count: Value) -> list[Value]:
        def word(i: Value, sums: list[Value]) -> list[Value]:
            here_words = read(b, here, words, i)
            table = at(b, tables, b.mul(i, I64(in_a_word(width) * table_bytes(width))))
            for j in range(in_a_word(width)):
                entries = Entries(b, here, width, at(b, table, j * table_bytes(width)))
                sums = [b.fadd(total, entries.of(shifted(b, one, j * width))) for total, one in zip(sums, here_words)]
            return sums

        return loop(b, I64(0), count, 1, zeros(here), word)

    return tile_of(here, code)


def products(here: InstructionSet, width: int) -> Any:
    """tile(x, codebook, words, count, y): y[m] = Σ_l x[l]·C[B[m, l]] for the outputs of a block."""

    def code(b: ir.IRBuilder, x: Value, codebook: Value, words: Value, count: Value) -> list[Value]:
        entries = Entries(b, here, width, codebook)

        def word(i: Value, sums: list[Value]) -> list[Value]:
            here_words = read(b, here, words, i)
            inputs = at(b, x, b.mul(i, I64(4 * in_a_word(width))))
            for j in range(in_a_word(width)):
                factor = splat(b, load(b, inputs, F32, 4 * j), here.lanes)
                sums = [
                    multiply_add(b, factor, entries.of(shifted(b, one, j * width)), total)
                    for total, one in zip(sums, here_words)
                ]
            return sums

        return loop(b, I64(0), count, 1, zeros(here), word)

    return tile_of(here, code)


def tile_of(here: InstructionSet, code: Any) -> Any:
    """The tile whose sums `code` emits, to be called from compiled loops."""

    @intrinsic
    def tile(typingctx: Any, x: Any, tables: Any, words: Any, count: Any, y: Any) -> Any:
        def emit(context: Any, b: ir.IRBuilder, signature: Any, arguments: Any) -> Any:
            x, tables, words, count, y = arguments
            sums = code(b, pointer(b, x), pointer(b, tables), pointer(b, words), count)
            for v, total in enumerate(sums):
                store(b, total, pointer(b, y), 4 * here.lanes * v)
            return context.get_dummy_value()

        return types.void(*[types.intp] * 5), emit

    return tile


def table_bytes(width: int) -> int:
    """Of a table with an entry for every code."""
    return 4 << width


def zeros(here: InstructionSet) -> list[Value]:
    """Sums of nothing."""
    return [constant(vector(F32, here.lanes), 0.0)] * vectors(here)


def read(b: ir.IRBuilder, here: InstructionSet, words: Value, i: Value) -> list[Value]:
    """Word i of all outputs of the block."""
    size = 4 * here.lanes
    place = at(b, words, b.mul(i, I64(size * vectors(here))))
    return [load(b, place, vector(I32, here.lanes), size * v) for v in range(vectors(here))]


def shifted(b: ir.IRBuilder, words: Value, by: int) -> Value:
    """The words with the code that begins at bit `by` in the lowest bits; what follows it stays above."""
    return b.lshr(words, constant(words.type, by)) if by else words


class Entries:
    """A table, in registers where the instruction set permutes floats across all lanes, else in memory."""

    def __init__(self, b: ir.IRBuilder, here: InstructionSet, width: int, table: Value) -> None:
        self.b, self.width, self.table, self.lanes = b, width, table, here.lanes
        self.parts: list[Value] = []
        if width <= WIDEST_BY_PERMUTES.get(here.lanes, 0):
            type = vector(F32, here.lanes)
            self.parts = [load(b, table, type, begin) for begin in range(0, table_bytes(width), 4 * here.lanes)]

    def of(self, words: Value) -> Value:
        """The entry for the lowest bits of each word."""
        if not self.parts:
            return self._loaded(words)
        if self.lanes == 8:
            found, bit = [self._permuted("llvm.x86.avx2.permps", [part, words]) for part in self.parts], 3
        elif len(self.parts) == 1:
            return self._permuted("llvm.x86.avx512.permvar.sf.512", [self.parts[0], words])
        else:
            pairs = zip(self.parts[::2], self.parts[1::2])
            name = "llvm.x86.avx512.vpermi2var.ps.512"
            found, bit = [self._permuted(name, [low, words, high]) for low, high in pairs], 5
        while len(found) > 1:
            above = self._bit(words, bit)
            found = [self.b.select(above, high, low) for low, high in zip(found[::2], found[1::2])]
            bit += 1
        return found[0]

    def _permuted(self, name: str, operands: Sequence[Value]) -> Value:
        result = operands[0].type
        return self.b.call(declared(self.b, name, result, [one.type for one in operands]), operands)

    def _bit(self, words: Value, bit: int) -> Value:
        """Whether it is set: taken to the sign, which blends look at."""
        above = self.b.shl(words, constant(words.type, 31 - bit))
        return self.b.icmp_signed("<", above, constant(words.type, 0))

    def _loaded(self, words: Value) -> Value:
        """Lane by lane from memory."""
        codes = self.b.and_(words, constant(words.type, (1 << self.width) - 1))
        found = undefined(vector(F32, self.lanes))
        for lane in range(self.lanes):
            code = self.b.zext(self.b.extract_element(codes, I32(lane)), I64)
            entry = load(self.b, self.table, F32, self.b.shl(code, I64(2)))
            found = self.b.insert_element(found, entry, I32(lane))
        return found
