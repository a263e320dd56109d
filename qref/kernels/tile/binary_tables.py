"""The tile of signs where bits are counted by looking up: 16 bytes of counts for every four channels of the image.

For four input channels of a pixel, as a nibble i, a table holds popcount(i ⊕ j) for j = 0 … 15. The weights are the j:
one shuffle of bytes (vpshufb) looks up four channels for a vector of output channels. Counts need half a byte, so a
table serves two output pixels that lie a fixed distance apart, the second in the upper halves of its bytes; and one
that is beside the image counts nothing there.

Sums of three look-ups fill both halves (at most 12 each), and are added up as they are: the lower halves alone in
bytes, and all shifted down by four in 16-bit lanes. A lane of those then holds upper(even) + 16·lower(odd) +
256·upper(odd); lower(odd) is known, so its part is taken out again before anything overflows, after `LONGEST` sums.
Nine instructions count 3·4·2 bits in each byte of a vector: 85 bits an instruction with 32 bytes. Counting bits of
words by two look-ups (and, shift, and, two shuffles, two additions, exclusive or) reaches 32, and carry-save adders
before the count about 40.
"""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Any

from llvmlite import ir

from qref.kernels.instructions import InstructionSet
from qref.kernels.ir import (
    I8,
    I16,
    I32,
    I64,
    Value,
    at,
    constant,
    declared,
    lanes_from,
    load,
    loop,
    slots,
    splat,
    store,
    undefined,
    vector,
)
from qref.kernels.tile.arguments import Arguments, tile_of
from qref.kernels.tile.binary import as_it_is
from qref.kernels.tile.lookup import TABLE, lookup
from qref.kernels.tile.output import exists, part, pixels, powers_of_two
from qref.kernels.tile.register_tile import RegisterTile
from qref.kernels.tile.steps import OutputSteps

CHUNK = 3
"""Look-ups whose sums fit into half a byte."""
LONGEST = 255 // (4 * CHUNK)
"""Sums of three look-ups that fit into a byte."""
SHORT = 1 << 15
"""Fewer taps than this in all, times channels: sums fit into 16 bits, with their signs."""


@dataclass(frozen=True)
class PairTile:
    """Pairs of pixels of a row × vectors of output channels.

    second: how many of the pairs have their second pixel; the last one of a row of odd length lacks it. long: sums
    need 32 bits. partial, planes: as of RegisterTile.
    """

    pairs: int
    second: int
    vectors: int
    long: bool
    partial: bool
    planes: bool

    @property
    def rows(self) -> int:
        """Pixels as the transpose of the output takes them: first ones in the lower half, second ones in the upper."""
        return 2 << (self.pairs - 1).bit_length()


@dataclass(frozen=True)
class PairSteps(OutputSteps):
    """Distances in bytes, and lengths; int, or IR's integers.

    run, pair: in the tables, to the next run of taps of a row, to the next pair's. runs: of a row of taps. rows: of
    taps. chunks: of a run, each of CHUNK look-ups; block_chunks: of them until sums are taken out of bytes. channels:
    of a group. y_second: in the output, to the second pixel of a pair.
    """

    run: Any
    pair: Any
    runs: Any
    rows: Any
    chunks: Any
    block_chunks: Any
    channels: Any
    y_second: Any


SPANS = 8 * len(fields(PairSteps))
"""Where in `numbers` the taps of a row on the image are, int64: of the first and the second pixel of every pair."""


def tile(shape: PairTile, instructions: InstructionSet, known: PairSteps | None) -> Any:
    """One tile, to be called with the arguments that `qref.kernels.tile.program` gives; the result is int32.

    x: tables of the first pair. w: [rows, runs, chunks, CHUNK, vectors, bytes] of nibbles, 128 where there is none;
    byte 2·j of a vector is output channel j, byte 2·j + 1 is j + half of them. first: number of the first pair in
    its row. known: the steps where the code is made for one layer; else they are loaded from `numbers`, before the
    spans.
    """
    width = 4 * instructions.lanes

    def emit(b: ir.IRBuilder, given: Arguments) -> None:
        steps = PairSteps.emitted(b, known, given.numbers)
        totals = reduction(b, shape, width, steps, given.x, given.w, given.rows, given.count)
        spans = at(b, given.numbers, b.add(I64(SPANS), b.mul(given.first, I64(16))))
        n = b.mul(given.count, steps.channels)
        results = [
            [b.sub(total_of(b, n, spans, 2 * q + which, total.type), b.add(total, total)) for total in of_pixel]
            for q in range(shape.pairs)
            for which, of_pixel in enumerate(totals[q])
        ]
        store_all = planes if shape.planes else channels_last
        store_all(b, shape, steps, results[::2], results[1::2], given.y, given.left)

    return tile_of(emit)


def total_of(b: ir.IRBuilder, n: Value, spans: Value, which: int, type: Any) -> Value:
    """n times the taps of a row that are on the image at one of the pixels, in all lanes."""
    return splat(b, b.trunc(b.mul(n, load(b, spans, I64, 8 * which, 8)), type.element), type.count)


def reduction(
    b: ir.IRBuilder, shape: PairTile, width: int, steps: PairSteps, x: Value, w: Value, rows: Value, count: Value
) -> list[list[list[Value]]]:
    """Differing bits by pair, by its first and second pixel, by half a vector of output channels."""
    Q, V = shape.pairs, shape.vectors
    of_chunk = CHUNK * V * width
    run_bytes = b.mul(steps.chunks, I64(of_chunk))
    words, bytes_ = vector(I16, width // 2), vector(I8, width)
    kept = vector(I32 if shape.long else I16, width // 2)
    totals = slots(b, [constant(kept, 0)] * (4 * Q * V), width)

    def chunk(_: Value, carried: list[Value]) -> list[Value]:
        xc, wc, lower, upper = carried[0], carried[1], carried[2 : 2 + Q * V], carried[2 + Q * V :]
        weights = [load(b, wc, bytes_, k * width, 1) for k in range(CHUNK * V)]
        for q in range(Q):
            pair = at(b, xc, b.mul(steps.pair, I64(q))) if q else xc
            tables = [repeated(b, load(b, pair, vector(I8, TABLE), k * TABLE, 1), width) for k in range(CHUNK)]
            for v in range(V):
                i = q * V + v
                found = [lookup(b, tables[k], weights[k * V + v]) for k in range(CHUNK)]
                both = saturated(b, saturated(b, found[0], found[1]), found[2])
                lower[i] = b.add(lower[i], b.and_(both, constant(bytes_, 15)))
                upper[i] = b.add(upper[i], b.lshr(b.bitcast(both, words), constant(words, 4)))
        return [at(b, xc, CHUNK * TABLE), at(b, wc, of_chunk), *lower, *upper]

    def block(first: Value, carried: list[Value]) -> list[Value]:
        left = b.sub(steps.chunks, first)
        length = b.select(b.icmp_signed("<", left, steps.block_chunks), left, steps.block_chunks)
        zeros = [constant(bytes_, 0)] * (Q * V) + [constant(words, 0)] * (Q * V)
        xb, wb, *sums = loop(b, I64(0), length, 1, [*carried, *zeros], chunk, at_least_once=True)
        for i in range(Q * V):
            for slot, more in zip(totals[4 * i : 4 * i + 4], taken_out(b, sums[i], sums[Q * V + i])):
                b.store(b.add(b.load(slot), more if kept == words else b.zext(more, kept)), slot)
        return [xb, wb]

    def run(r: Value, carried: list[Value]) -> list[Value]:
        xr, wr = at(b, carried[0], b.mul(r, steps.run)), at(b, carried[1], b.mul(r, run_bytes))
        loop(b, I64(0), steps.chunks, steps.block_chunks, [xr, wr], block, at_least_once=True)
        return carried

    def row(i: Value, _: list[Value]) -> list[Value]:
        entry = at(b, rows, b.mul(i, I64(16)))
        xr = at(b, x, load(b, entry, I64, 0, 8))
        wr = at(b, w, b.mul(b.mul(load(b, entry, I64, 8, 8), steps.runs), run_bytes))
        loop(b, I64(0), steps.runs, 1, [xr, wr], run, at_least_once=True)
        return []

    loop(b, I64(0), count, 1, [], row)
    sums = [b.load(slot) for slot in totals]
    return [
        [[sums[4 * (q * V + v) + 2 * which + half] for v in range(V) for half in range(2)] for which in range(2)]
        for q in range(Q)
    ]


def saturated(b: ir.IRBuilder, x: Value, y: Value) -> Value:
    """x + y, of bytes that never reach 255: AMD's processors saturate on the two pipes that do not shuffle."""
    name = f"llvm.uadd.sat.v{x.type.count}i8"
    return b.call(declared(b, name, x.type, [x.type, x.type]), [x, y])


def repeated(b: ir.IRBuilder, table: Value, width: int) -> Value:
    """A table in each 16 bytes of a vector."""
    places = ir.Constant(vector(I32, width), list(range(TABLE)) * (width // TABLE))
    return b.shuffle_vector(table, undefined(table.type), places)


def taken_out(b: ir.IRBuilder, lower: Value, upper: Value) -> list[Value]:
    """Counts of the first pixel at even and at odd bytes, and of the second, in 16-bit lanes."""
    type = upper.type
    byte, mask = constant(type, 8), constant(type, 255)
    lower = b.bitcast(lower, type)
    odd = b.lshr(lower, byte)
    upper = b.sub(upper, b.shl(odd, constant(type, 4)))
    return [b.and_(lower, mask), odd, b.and_(upper, mask), b.lshr(upper, byte)]


def planes(
    b: ir.IRBuilder,
    shape: PairTile,
    steps: PairSteps,
    first: Sequence[Sequence[Value]],
    second: Sequence[Sequence[Value]],
    y: Value,
    left: Value,
) -> None:
    """Each channel's pixels lie side by side: channels × pixels are transposed while they are 16 bits wide."""
    rows, lanes = shape.rows, first[0][0].type.count
    like = RegisterTile(shape.pairs, shape.vectors, partial=shape.partial)
    for half in range(2 * shape.vectors):
        missing = [undefined(first[0][half].type)] * (rows // 2 - shape.pairs)
        of_half = [some[half] for some in first], [some[half] for some in second]
        for k, vectors in enumerate(transposed_in_parts(b, [*of_half[0], *missing, *of_half[1], *missing])):
            for begin in range(0, lanes, rows):
                channel = I64(half * lanes + begin + k)
                with exists(b, like, channel, left):
                    of_channel = b.shuffle_vector(vectors, undefined(vectors.type), lanes_from(begin, rows))
                    if not shape.long:
                        of_channel = b.sext(of_channel, vector(I32, rows))
                    p = at(b, y, b.mul(channel, steps.y_channel))
                    store_row(b, part_of(b, of_channel, 0, shape.pairs), steps, p)
                    if shape.second:
                        q = at(b, p, steps.y_second)
                        store_row(b, part_of(b, of_channel, rows // 2, shape.second), steps, q)


def part_of(b: ir.IRBuilder, vector: Value, first: int, count: int) -> Value:
    """Some lanes of a vector, as a vector."""
    return b.shuffle_vector(vector, undefined(vector.type), lanes_from(first, count))


def store_row(b: ir.IRBuilder, pixels: Value, steps: PairSteps, p: Value) -> None:
    """Pixels of one channel, side by side."""
    for start, piece in powers_of_two(pixels.type.count):
        store(b, part(b, pixels, start, piece), at(b, p, b.mul(I64(start), steps.y_pixel)), align=1)


def transposed_in_parts(b: ir.IRBuilder, rows: Sequence[Value]) -> list[Value]:
    """n vectors, cut into parts of n lanes, n a power of two: each part's transpose, by halves shuffled together.

    Lane part·n + r of result k is lane part·n + k of row r. A part of 16 bytes is what x86 shuffles in one instruction.
    """
    n, lanes = len(rows), rows[0].type.count
    current = list(rows)
    masks = []
    for half in (0, n // 2):
        masks.append([part + half + i // 2 + i % 2 * lanes for part in range(0, lanes, n) for i in range(n)])
    low, high = (ir.Constant(vector(I32, lanes), mask) for mask in masks)
    for _ in range(n.bit_length() - 1):
        pairs = list(zip(current[: n // 2], current[n // 2 :]))
        current = [b.shuffle_vector(*pair, mask) for pair in pairs for mask in (low, high)]
    return current


def channels_last(
    b: ir.IRBuilder,
    shape: PairTile,
    steps: PairSteps,
    first: Sequence[Sequence[Value]],
    second: Sequence[Sequence[Value]],
    y: Value,
    left: Value,
) -> None:
    """Each pixel's channels lie side by side."""
    for some, begin in ((first, y), (second[: shape.second], at(b, y, steps.y_second))):
        wide = [b.sext(half, vector(I32, half.type.count)) if not shape.long else half for one in some for half in one]
        if wide:
            like = RegisterTile(len(some), 2 * shape.vectors, partial=shape.partial, planes=False)
            pixels(b, like, steps, wide, as_it_is, begin, left)
