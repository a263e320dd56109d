"""The tile of sparse convolution, and the loops around it: vectors are pixels, weights are scalars.

A plane is cut into as many segments of L pixels as a vector has lanes, one a lane: vector j holds pixel j of every
segment, and a step of one pixel is a step of one vector, so every load is aligned. T neighbouring vectors are the sums
of one output channel: each weight that is not zero is one broadcast and T multiply-adds with an operand in memory.
"""

from collections.abc import Iterator, Sequence
from dataclasses import astuple, dataclass
from typing import Any

import numpy as np
from llvmlite import ir
from numba import types
from numba.extending import intrinsic
from numpy.typing import NDArray

from qref.kernels.instructions import InstructionSet, named
from qref.kernels.ir import (
    F32,
    I32,
    I64,
    Value,
    at,
    constant,
    indices,
    load,
    loop,
    multiply_add,
    opaque,
    pointer,
    splat,
    store,
    transposed,
    vector,
)
from qref.kernels.tile.float32 import held

FOUR, WEIGHT = 4, 8
"""Weights that are loaded at a time, and bytes of one in the lists.

A list of n is ⌊n / 4⌋ times int32[4], the distances in bytes of the vectors that they meet, and float32[4], their
values; then n mod 4 times one distance and one value.
"""
BATCH = 16
"""Output channels that leave a tile together: what is stored is not loaded again at once."""


def vectors_of(here: InstructionSet) -> InstructionSet:
    """The instruction set whose vectors the tile has: on AVX-512 that of AVX2.

    Vectors half as long leave fewer pixels of a plane empty, and transposes of 8×8 cost less than those of 16×16: on a
    Zen 4 that is faster on each of the ten layers, the more so the fewer weights there are.
    """
    return named("avx2") if here.masks else here


def widest(here: InstructionSet) -> int:
    """The largest T that spills no register.

    Beside sums and weights, operands need registers where they cannot be in memory: all but AVX2 and AVX-512.
    """
    return here.registers * 7 // 8 if here.lanes > 4 else here.registers * 5 // 8


def tile(vectors: int, here: InstructionSet) -> Any:
    """sums[0 … T − 1] = start + Σ_i value[i] · x[distance[i] + 0 … T − 1], first ≤ i < last.

    start: the bias in all lanes where `fresh` is not 0, else what `sums` held: the products are summed up before.
    """
    lanes, size = here.lanes, 4 * here.lanes
    type = vector(F32, lanes)

    @intrinsic
    def sparse_tile(
        typingctx: Any, x: Any, weights: Any, first: Any, last: Any, sums: Any, bias: Any, fresh: Any
    ) -> Any:
        def emit(context: Any, b: ir.IRBuilder, signature: Any, arguments: Any) -> Any:
            x, weights, sums, bias = (pointer(b, arguments[i]) for i in (0, 1, 4, 5))
            count = b.sub(arguments[3], arguments[2])
            begin = at(b, weights, b.mul(arguments[2], I64(WEIGHT)))
            fours = b.ashr(count, I64(2))
            rest = at(b, begin, b.mul(fours, I64(FOUR * WEIGHT)))

            def met(distance: Value, weight: Value, products: list[Value]) -> list[Value]:
                place = at(b, x, distance)
                return [multiply_add(b, load(b, place, type, t * size), weight, p) for t, p in enumerate(products)]

            def four(i: Value, products: list[Value]) -> list[Value]:
                here = at(b, begin, b.mul(i, I64(FOUR * WEIGHT)))
                for distance, weight in zip(distances(b, here), values(b, here)):
                    products = met(distance, weight, products)
                return products

            def one(i: Value, products: list[Value]) -> list[Value]:
                here = at(b, rest, b.mul(i, I64(WEIGHT)))
                return met(b.sext(load(b, here, I32), I64), splat(b, load(b, here, F32, 4), lanes), products)

            products = loop(b, I64(0), fours, 1, [constant(type, 0.0)] * vectors, four)
            products = loop(b, I64(0), b.and_(count, I64(FOUR - 1)), 1, products, one)
            with b.if_else(b.icmp_signed("!=", arguments[6], I64(0))) as (at_first, later):
                with at_first:
                    start = splat(b, load(b, bias, F32), lanes)
                    for t, p in enumerate(products):
                        store(b, b.fadd(start, p), sums, t * size)
                with later:
                    for t, p in enumerate(products):
                        store(b, b.fadd(load(b, sums, type, t * size), p), sums, t * size)
            return context.get_dummy_value()

        def distances(b: ir.IRBuilder, p: Value) -> Iterator[Value]:
            """Four of them by two loads: it is loads that limit the tile."""
            for i in range(0, 4 * FOUR, 8):
                pair = opaque(b, load(b, p, I64, i), "r")
                yield b.sext(b.trunc(pair, I32), I64)
                yield b.ashr(pair, I64(32))

        def values(b: ir.IRBuilder, p: Value) -> Iterator[Value]:
            """Each of four in every lane, by one load."""
            some = load(b, p, vector(F32, FOUR), 4 * FOUR)
            if here.register:
                repeated = b.shuffle_vector(some, some, indices([i % FOUR for i in range(lanes)]))
                repeated = opaque(b, repeated, here.register)
                for k in range(FOUR):
                    yield b.shuffle_vector(repeated, repeated, indices([i // FOUR * FOUR + k for i in range(lanes)]))
            else:
                for k in range(FOUR):
                    yield b.shuffle_vector(some, some, indices([k] * lanes))

        return types.void(*[types.intp] * 7), emit

    return sparse_tile


def into_segments(lanes: int) -> Any:
    """Vectors 0 … lanes − 1 at y from the segments at x, `segment` bytes apart."""

    @intrinsic
    def square(typingctx: Any, y: Any, x: Any, segment: Any) -> Any:
        def emit(context: Any, b: ir.IRBuilder, signature: Any, arguments: Any) -> Any:
            y, x = pointer(b, arguments[0]), pointer(b, arguments[1])
            rows = [load(b, x, vector(F32, lanes), b.mul(arguments[2], I64(i))) for i in range(lanes)]
            for i, row in enumerate(transposed(b, rows)):
                store(b, row, y, 4 * lanes * i)
            return context.get_dummy_value()

        return types.void(*[types.intp] * 3), emit

    return square


def out_of_segments(lanes: int) -> Any:
    """The segments at y, `segment` bytes apart, from vectors 0 … lanes − 1 at x, each held in low … high."""

    @intrinsic
    def square(typingctx: Any, y: Any, x: Any, segment: Any, low: Any, high: Any) -> Any:
        def emit(context: Any, b: ir.IRBuilder, signature: Any, arguments: Any) -> Any:
            y, x = pointer(b, arguments[0]), pointer(b, arguments[1])
            rows = [
                held(b, load(b, x, vector(F32, lanes), 4 * lanes * i), arguments[3], arguments[4]) for i in range(lanes)
            ]
            for i, row in enumerate(transposed(b, rows)):
                store(b, row, y, b.mul(arguments[2], I64(i)))
            return context.get_dummy_value()

        return types.void(*[types.intp] * 3, types.float32, types.float32), emit

    return square


def moved(lanes: int) -> Any:
    """Copies `count` floats from x to y, by vectors; the last of them overlaps the one before."""

    @intrinsic
    def move(typingctx: Any, y: Any, x: Any, count: Any) -> Any:
        def emit(context: Any, b: ir.IRBuilder, signature: Any, arguments: Any) -> Any:
            y, x, count = pointer(b, arguments[0]), pointer(b, arguments[1]), arguments[2]

            def by(width: int) -> None:
                type: Any = vector(F32, width) if width > 1 else F32

                def one(place: Value) -> None:
                    store(b, load(b, x, type, b.mul(place, I64(4))), y, b.mul(place, I64(4)))

                def some(place: Value, _: list[Value]) -> list[Value]:
                    one(place)
                    return []

                with b.if_else(b.icmp_signed(">=", count, I64(width))) as (enough, fewer):
                    with enough:
                        last = b.sub(count, I64(width))
                        loop(b, I64(0), last, width, [], some)
                        one(last)
                    with fewer:
                        if width > 1:
                            by(width // 2)

            by(lanes)
            return context.get_dummy_value()

        return types.void(*[types.intp] * 3), emit

    return move


@intrinsic
def picked(typingctx: Any, y: Any, x: Any, count: Any, step: Any) -> Any:
    """Copies `count` floats, `step` bytes apart at x, side by side to y."""

    def emit(context: Any, b: ir.IRBuilder, signature: Any, arguments: Any) -> Any:
        y, x, (count, step) = pointer(b, arguments[0]), pointer(b, arguments[1]), arguments[2:]

        def one(i: Value, _: list[Value]) -> list[Value]:
            store(b, load(b, x, F32, b.mul(i, step)), y, b.mul(i, I64(4)))
            return []

        loop(b, I64(0), count, 1, [], one)
        return context.get_dummy_value()

    return types.void(*[types.intp] * 4), emit


@intrinsic
def cleared(typingctx: Any, y: Any, count: Any) -> Any:
    """Makes `count` floats at y zero."""

    def emit(context: Any, b: ir.IRBuilder, signature: Any, arguments: Any) -> Any:
        y = pointer(b, arguments[0])

        def one(i: Value, _: list[Value]) -> list[Value]:
            store(b, ir.Constant(F32, 0.0), y, b.mul(i, I64(4)))
            return []

        loop(b, I64(0), arguments[1], 1, [], one)
        return context.get_dummy_value()

    return types.void(*[types.intp] * 2), emit


@dataclass(frozen=True)
class Spread:
    """Lengths of the loop that lays planes out in segments; distances in bytes.

    parts: for threads. channels, planes: of an image. channel: from one to the next in the image. step: between pixels
    of a row. line: a plane before it is cut. plane: in segments. segment: from one to the next in the line. vectors:
    of a plane.
    """

    parts: int
    channels: int
    planes: int
    channel: int
    step: int
    line: int
    plane: int
    segment: int
    vectors: int

    def array(self) -> NDArray[np.int64]:
        """As the loop takes them."""
        return np.array(astuple(self), np.int64)


@dataclass(frozen=True)
class Loops:
    """Lengths of the loop around tiles; distances in bytes.

    parts: for threads. tiles: of a plane. shares: into which output channels are cut, each with every tile. groups.
    kernels: output channels of a group. chunks: of planes. chunk, group: distances in the input. channel: in the
    output. sums: of an output channel. line: a segment's part of a tile.
    """

    parts: int
    tiles: int
    shares: int
    groups: int
    kernels: int
    chunks: int
    chunk: int
    group: int
    channel: int
    sums: int
    line: int

    def array(self) -> NDArray[np.int64]:
        """As the loop takes them."""
        return np.array(astuple(self), np.int64)


SPREAD = '''"""A program of qref.kernels; qref/kernels/tile/sparse.py says what it is."""

from numba import int64, njit, void

from qref.kernels.tile.sparse import cleared, into_segments, moved, picked

square = into_segments({lanes})
move = moved({lanes})


@njit(void({arguments}, int64[:, ::1], int64[::1], int64[::1]), cache=True, nogil=True)
def kernel(begin, end, x, lines, y, rows, firsts, sizes):
    parts, channels, planes, x_channel, step, line_bytes, plane_bytes, segment, vectors = ({sizes})
    count = planes * channels
    for part in range(begin, end):
        line = lines + part * line_bytes
        first = count * part // parts
        for item in range(first, count * (part + 1) // parts):
            plane, channel = item // channels, item % channels
            if item == first or channel == 0:
                cleared(line, line_bytes // 4)
            x_here = x + channel * x_channel
            for i in range(firsts[plane], firsts[plane + 1]):
                if step == 4:
                    move(line + rows[i, 1], x_here + rows[i, 0], rows[i, 2])
                else:
                    picked(line + rows[i, 1], x_here + rows[i, 0], rows[i, 2], step)
            y_here = y + (channel * planes + plane) * plane_bytes
            for j in range(0, vectors, {lanes}):
                square(y_here + 4 * {lanes} * j, line + 4 * j, segment)
'''

TILES = '''"""A program of qref.kernels; qref/kernels/tile/sparse.py says what it is."""

from numba import float32, int64, njit, void

from qref.kernels.instructions.table import named
from qref.kernels.tile.sparse import moved, out_of_segments, tile

square = out_of_segments({lanes})
move = moved({lanes})

{functions}

@njit(
    void({arguments}, float32, float32, int64[::1], int64[::1], int64[:, ::1], int64[:, ::1], int64[::1]),
    cache=True,
    nogil=True,
)
def kernel(begin, end, x, weights, bias, workspace, y, low, high, order, starts, tiles, pieces, sizes):
    parts, count, shares, groups, kernels, chunks, x_chunk, x_group, y_channel, sum_bytes, segment = ({sizes})
    all_kernels = groups * kernels
    for part in range(begin, end):
        sums = workspace + part * (all_kernels + {batch}) * sum_bytes
        lines = sums + all_kernels * sum_bytes
        for item in range(count * shares * part // parts, count * shares * (part + 1) // parts):
            place, share = item // shares, item % shares
            kind, x_tile = tiles[place, 0], x + tiles[place, 1]
            first, last = all_kernels * share // shares, all_kernels * (share + 1) // shares
            for group in range(first // kernels, (last + kernels - 1) // kernels):
                begins, ends = max(first, group * kernels), min(last, (group + 1) * kernels)
                for chunk in range(chunks):
                    x_here = x_tile + group * x_group + chunk * x_chunk
                    skipped = chunk * all_kernels
{calls}
            for batch in range(first, last, {batch}):
                here = min(batch + {batch}, last)
                for m in range(batch, here):
                    line = lines + (m - batch) * sum_bytes
                    for j in range(0, kind, {lanes}):
                        square(line + 4 * j, sums + m * sum_bytes + 4 * {lanes} * j, segment, low, high)
                for i in range(tiles[place, 2], tiles[place, 3]):
                    source, target, length = lines + pieces[i, 0], y + pieces[i, 1], pieces[i, 2]
                    for m in range(batch, here):
                        move(target + m * y_channel, source + (m - batch) * sum_bytes, length)
'''
FUNCTION = """
tile{T} = tile({T}, named("{name}"))


@njit(void({arguments}, int64[::1], int64[::1]), nogil=True)
def channels{T}(begin, end, x, weights, sums, sum_bytes, bias, fresh, order, starts):
    for i in range(begin, end):
        m = order[i]
        tile{T}(x, weights, starts[i], starts[i + 1], sums + m * sum_bytes, bias + 4 * m, fresh)

"""


def fields(lengths: Any) -> str:
    """All of sizes."""
    return ", ".join(f"sizes[{i}]" for i in range(len(lengths.__dataclass_fields__)))


def spread_text(lanes: int) -> str:
    """The program that lays planes out in segments."""
    return SPREAD.format(lanes=lanes, arguments=", ".join(["int64"] * 5), sizes=fields(Spread))


def tiles_text(here: InstructionSet, lengths: Sequence[int]) -> str:
    """The program that runs tiles of any of these lengths T."""
    functions = "".join(FUNCTION.format(T=T, name=here.name, arguments=", ".join(["int64"] * 8)) for T in lengths)
    calls = []
    for i, T in enumerate(lengths):
        calls += [
            f"                    {'elif' if i else 'if'} kind == {T}:",
            f"                        channels{T}(",
            "                            skipped + begins, skipped + ends, x_here, weights, sums, sum_bytes, bias,",
            "                            chunk == 0, order, starts,",
            "                        )",
        ]
    return TILES.format(
        lanes=here.lanes,
        batch=BATCH,
        functions=functions,
        arguments=", ".join(["int64"] * 7),
        sizes=fields(Loops),
        calls="\n".join(calls),
    )
