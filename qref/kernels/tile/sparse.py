"""The tile of sparse convolution, and the loops around it: vectors are pixels, weights are scalars.

A plane is cut into as many segments of L pixels as a vector has lanes, one a lane: vector j holds pixel j of every
segment, and a step of one pixel is a step of one vector, so every load is aligned. T neighbouring vectors are the sums
of one output channel: each weight that is not zero is one broadcast and T multiply-adds with an operand in memory.
"""

from collections.abc import Sequence
from dataclasses import astuple, dataclass
from typing import Any

import numpy as np
from llvmlite import ir
from numba import types
from numba.extending import intrinsic
from numpy.typing import NDArray

from qref.kernels.instructions import InstructionSet
from qref.kernels.ir import (
    F32,
    I32,
    I64,
    Value,
    at,
    constant,
    load,
    loop,
    multiply_add,
    pointer,
    splat,
    store,
    transposed,
    vector,
)
from qref.kernels.tile.float32 import held

ENTRY = 8
"""Bytes of a weight in the lists: int32, the distance in bytes of the vector it meets, and float32, its value."""


def widest(here: InstructionSet) -> int:
    """The largest T: an eighth of the registers is left to weights, and to operands where they cannot be in memory."""
    return here.registers * 7 // 8


def tile(vectors: int, lanes: int) -> Any:
    """sums[0 … T − 1] = start + Σ_i value[i] · x[distance[i] + 0 … T − 1], first ≤ i < last.

    start: the bias in all lanes where `fresh` is not 0, else what `sums` held: the products are summed up before.
    """
    type, size = vector(F32, lanes), 4 * lanes

    @intrinsic
    def sparse_tile(
        typingctx: Any, x: Any, entries: Any, first: Any, last: Any, sums: Any, bias: Any, fresh: Any
    ) -> Any:
        def emit(context: Any, b: ir.IRBuilder, signature: Any, arguments: Any) -> Any:
            x, entries, sums, bias = (pointer(b, arguments[i]) for i in (0, 1, 4, 5))

            def one(i: Value, products: list[Value]) -> list[Value]:
                entry = at(b, entries, b.mul(i, I64(ENTRY)))
                here = at(b, x, b.sext(load(b, entry, I32), I64))
                weight = splat(b, load(b, entry, F32, 4), lanes)
                return [multiply_add(b, load(b, here, type, t * size), weight, p) for t, p in enumerate(products)]

            products = loop(b, arguments[2], arguments[3], 1, [constant(type, 0.0)] * vectors, one)
            with b.if_else(b.icmp_signed("!=", arguments[6], I64(0))) as (at_first, later):
                with at_first:
                    start = splat(b, load(b, bias, F32), lanes)
                    for t, p in enumerate(products):
                        store(b, b.fadd(start, p), sums, t * size)
                with later:
                    for t, p in enumerate(products):
                        store(b, b.fadd(load(b, sums, type, t * size), p), sums, t * size)
            return context.get_dummy_value()

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

from qref.kernels.tile.sparse import moved, out_of_segments, tile

square = out_of_segments({lanes})
move = moved({lanes})

{functions}

@njit(
    void({arguments}, float32, float32, int64[::1], int64[:, ::1], int64[:, ::1], int64[::1]), cache=True, nogil=True
)
def kernel(begin, end, x, entries, bias, workspace, y, low, high, starts, tiles, pieces, sizes):
    parts, count, shares, groups, kernels, chunks, x_chunk, x_group, y_channel, sum_bytes, line = ({sizes})
    all_kernels = groups * kernels
    for part in range(begin, end):
        sums = workspace + part * (all_kernels + 1) * sum_bytes
        lines = sums + all_kernels * sum_bytes
        for item in range(count * shares * part // parts, count * shares * (part + 1) // parts):
            place, share = item // shares, item % shares
            kind, x_tile = tiles[place, 0], x + tiles[place, 1]
            first, last = all_kernels * share // shares, all_kernels * (share + 1) // shares
            for group in range(first // kernels, (last + kernels - 1) // kernels):
                begins, ends = max(first, group * kernels), min(last, (group + 1) * kernels)
                for chunk in range(chunks):
                    x_here = x_tile + group * x_group + chunk * x_chunk
                    here = starts[chunk * all_kernels :]
{calls}
            for m in range(first, last):
                for j in range(0, kind, {lanes}):
                    square(lines + 4 * j, sums + m * sum_bytes + 4 * {lanes} * j, line, low, high)
                for i in range(tiles[place, 2], tiles[place, 3]):
                    move(y + m * y_channel + pieces[i, 1], lines + pieces[i, 0], pieces[i, 2])
'''
FUNCTION = """
tile{T} = tile({T}, {lanes})


@njit(void({arguments}, int64[::1]), nogil=True)
def channels{T}(begin, end, x, entries, sums, sum_bytes, bias, fresh, starts):
    for m in range(begin, end):
        tile{T}(x, entries, starts[m], starts[m + 1], sums + m * sum_bytes, bias + 4 * m, fresh)

"""


def fields(lengths: Any) -> str:
    """All of sizes."""
    return ", ".join(f"sizes[{i}]" for i in range(len(lengths.__dataclass_fields__)))


def spread_text(lanes: int) -> str:
    """The program that lays planes out in segments."""
    return SPREAD.format(lanes=lanes, arguments=", ".join(["int64"] * 5), sizes=fields(Spread))


def tiles_text(lanes: int, lengths: Sequence[int]) -> str:
    """The program that runs tiles of any of these lengths T."""
    functions = "".join(FUNCTION.format(T=T, lanes=lanes, arguments=", ".join(["int64"] * 8)) for T in lengths)
    calls = []
    for i, T in enumerate(lengths):
        calls += [
            f"                    {'elif' if i else 'if'} kind == {T}:",
            f"                        channels{T}(",
            "                            begins, ends, x_here, entries, sums, sum_bytes, bias, chunk == 0, here",
            "                        )",
        ]
    return TILES.format(
        lanes=lanes,
        functions=functions,
        arguments=", ".join(["int64"] * 7),
        sizes=fields(Loops),
        calls="\n".join(calls),
    )
