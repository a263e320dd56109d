"""The tile of 8-bit integers for AMX: up to 32 pixels × 2 vectors of output channels, in registers of 16 rows.

One instruction adds a product of matrices: 16 pixels, each a row of 64 bytes, its channels, times 64 channels of 16
output channels. Pixels are loaded as they lie in the image, a row a pixel; weights as VNNI has them: a row is a word of
four channels of 16 output channels. Two registers of pixels and two of weights make four products, so each is met
twice. What sums begin with is added, and the end comes, when they are vectors again: as in `qref.kernels.tile.int8`.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import Any

from llvmlite import ir
from numba.core import cgutils

from qref.kernels.instructions import InstructionSet
from qref.kernels.ir import I8, I32, I64, POINTER, Value, at, declared, load, loop, vector
from qref.kernels.tile.arguments import Arguments, tile_of
from qref.kernels.tile.int8 import stored
from qref.kernels.tile.reduction import Operands, by_rows
from qref.kernels.tile.register_tile import RegisterTile
from qref.kernels.tile.steps import Steps
from qref.kernels.tile.tables import evenly

ROWS, ROW = 16, 64
"""Of a register: at most so many rows of so many bytes."""
PIXELS = 2 * ROWS
LANES = ROW // 4
REGISTERS = 8


def fits(here: InstructionSet, dot: str, words: int) -> bool:
    """Whether weights that `dot` packed, of so many words of channels, are whole rows: then they meet this tile."""
    return here.tiles and dot == here.dot and words > 0 and words % ROWS == 0


def tile(shape: RegisterTile, known: Steps | None, requantized: bool) -> Any:
    """One tile, to be called as that of `qref.kernels.tile.int8`; its taps are told at run time.

    known: the steps where the code is made for one layer; else they are loaded. requantized: as there.
    """

    def emit(b: ir.IRBuilder, given: Arguments) -> None:
        steps = Steps.emitted(b, known, given.numbers)
        operands = Operands(given.x, given.w, given.rows, given.count, given.first, given.last)
        pieces = evenly(shape.pixels, ROWS)
        sums = products(b, pieces, shape.vectors, steps, operands)
        of_sums = vector(I32, LANES)
        begin = [load(b, given.bias, of_sums, ROW * v) for v in range(shape.vectors)]

        def end(count: int, first: Value, _: list[Value]) -> list[Value]:
            here = at(b, sums, b.mul(first, I64(ROW * shape.vectors)))
            ends = [b.add(load(b, here, of_sums, ROW * i), begin[i % len(begin)]) for i in range(count * len(begin))]
            y = at(b, given.y, b.mul(first, steps.y_pixel))
            stored(b, replace(shape, pixels=count), steps, ends, replace(given, y=y), requantized, masked=True)
            return []

        # Only planes need the pixels of a register at once; one code for all pieces of the same length.
        first = 0
        for count, times in (Counter(pieces) if shape.planes else {1: shape.pixels}).items():
            loop(b, I64(first), I64(first + count * times), count, [], partial(end, count), at_least_once=True)
            first += count * times

    return tile_of(emit)


def products(b: ir.IRBuilder, pieces: Sequence[int], vectors: int, steps: Steps, operands: Operands) -> Value:
    """Where all sums of products are, int32 [pixels, V, 16]: on the stack. pieces: how many pixels a register has."""
    across, V = ROW * vectors, range(vectors)
    first = [sum(pieces[:i]) for i in range(len(pieces))]
    sums = {(i, v): i * vectors + v for i in range(len(pieces)) for v in V}
    pixels = [len(sums) + i for i in range(len(pieces))]
    weights = [len(sums) + len(pieces) + v for v in V]
    rows = [pieces[i] for i, _ in sums] + list(pieces) + [ROWS for _ in V]
    with b.goto_entry_block():
        room = b.alloca(ir.ArrayType(I8, sum(pieces) * across))
    room.align = ROW
    place = b.bitcast(room, POINTER)
    call(b, "ldtilecfg", configuration(b, rows))
    for register in sums.values():
        call(b, "tilezero", I8(register))
    tap_bytes = b.mul(steps.words, I64(across))

    def row_of_taps(xr: Value, wr: Value, _: list[Value]) -> list[Value]:
        def tap(s: Value, _: list[Value]) -> list[Value]:
            begin = [at(b, xr, b.mul(s, steps.tap)), at(b, wr, b.mul(s, tap_bytes))]
            loop(b, I64(0), steps.words, ROWS, begin, sixty_four_channels, at_least_once=True)
            return []

        return loop(b, operands.first, operands.last, 1, [], tap)

    def sixty_four_channels(_: Value, carried: list[Value]) -> list[Value]:
        x, w = carried
        for v in V:
            call(b, "tileloadd64", I8(weights[v]), at(b, w, ROW * v), I64(across))
        for i, register in enumerate(pixels):
            call(b, "tileloadd64", I8(register), at(b, x, b.mul(I64(first[i]), steps.pixel)), steps.pixel)
            for v in V:
                call(b, "tdpbusd", I8(sums[i, v]), I8(register), I8(weights[v]))
        return [at(b, x, ROW), at(b, w, ROWS * across)]

    by_rows(b, operands, b.mul(steps.taps, tap_bytes), [], row_of_taps)
    for (i, v), register in sums.items():
        call(b, "tilestored64", I8(register), at(b, place, first[i] * across + ROW * v), I64(across))
    call(b, "tilerelease")
    return place


def call(b: ir.IRBuilder, name: str, *arguments: Value) -> None:
    """One of AMX's instructions, on registers by their numbers."""
    f = declared(b, f"llvm.x86.{name}", ir.VoidType(), [argument.type for argument in arguments])
    b.call(f, arguments)


def configuration(b: ir.IRBuilder, rows: Sequence[int]) -> Value:
    """What `ldtilecfg` loads: palette 1, and of each register bytes of a row and rows."""
    unused = REGISTERS - len(rows)
    data = bytearray(64)
    data[0] = 1
    data[16:32] = b"".join(n.to_bytes(2, "little") for n in [ROW] * len(rows) + [0] * unused)
    data[48:56] = bytes([*rows, *[0] * unused])
    kept = cgutils.global_constant(b.module, "registers", ir.Constant(ir.ArrayType(I8, len(data)), data))
    return b.bitcast(kept, POINTER)
