"""Winograd's algorithm in registers: squares of pixels in and out, transforms of one tile, products of many.

Lanes are channels throughout. What lies where, in bytes:

d [rows][columns][PART]: pixels under the tiles of a block, PART channels side by side, zeros around the image.
V [places][chains][tiles][CHAIN], M [places][vectors of a register tile][tiles][their channels]: before and after the
products. Places are `place` bytes apart, a few more than they fill, so that they do not fall on the same cache sets.
"""

from collections.abc import Callable, Sequence
from itertools import combinations
from math import gcd
from typing import Any

import numpy as np
from llvmlite import ir
from numba import types
from numba.extending import intrinsic
from numpy.typing import NDArray

from qref.conv.winograd import Transforms
from qref.kernels.instructions import InstructionSet
from qref.kernels.ir import (
    F32,
    I64,
    Value,
    at,
    constant,
    load,
    loop,
    multiply_add,
    pointer,
    store,
    transposed,
    vector,
)
from qref.kernels.tile.float32 import Limits, arithmetic, held
from qref.kernels.tile.output import output
from qref.kernels.tile.reduction import Operands, reduction
from qref.kernels.tile.register_tile import RegisterTile
from qref.kernels.tile.steps import Steps

PART = 16
"""Input channels that are transformed at a time: a cache line of floats."""
CHAIN = 64
"""Channels whose products are summed up before they are added to the others': shorter chains err less."""
UNROLL = 8
"""Input channels of a round of the innermost loop; C is filled up to a multiple of it."""
Row = Sequence[int]


def side(instructions: InstructionSet) -> int:
    """Pixels and channels of a square: 8, which two registers of half the width also do where there are 16 lanes."""
    return min(instructions.lanes, 8)


def combined(b: ir.IRBuilder, row: Row, values: Sequence[Value]) -> Value:
    """Σ row[i] · values[i]; a row has an entry other than zero."""
    terms = sorted(((k, v) for k, v in zip(row, values) if k), key=lambda term: (term[0] != 1, -abs(term[0])))
    total = None
    for k, value in terms:
        if total is None:
            total = value if k == 1 else b.fmul(value, constant(value.type, float(k)))
        elif abs(k) == 1:
            total = b.fadd(total, value) if k == 1 else b.fsub(total, value)
        else:
            total = multiply_add(b, value, constant(value.type, float(k)), total)
    return total


def parts(one: Row, other: Row) -> tuple[Row, Row] | None:
    """Even and odd: one = even + odd, other = even − odd, as of points a and −a. None: they are no such pair."""
    even = [k if k == l else 0 for k, l in zip(one, other)]
    odd = [k if k == -l else 0 for k, l in zip(one, other)]
    whole = all(abs(k) == abs(l) for k, l in zip(one, other))
    return (even, odd) if whole and any(even) and any(odd) else None


def before(b: ir.IRBuilder, matrix: Sequence[Row], values: Sequence[Value]) -> list[Value]:
    """Bᵀ·d. Rows for points a and −a have the same terms but for signs: even and odd ones are summed up once."""
    found: dict[int, Value] = {}
    for i, j in combinations(range(len(matrix)), 2):
        if pair := parts(matrix[i], matrix[j]):
            even, odd = pair
            factor = gcd(*odd)
            sums = combined(b, even, values), combined(b, [k // factor for k in odd], values)
            found[i], found[j] = combined(b, (1, factor), sums), combined(b, (1, -factor), sums)
    return [found.get(i) or combined(b, row, values) for i, row in enumerate(matrix)]


def after(b: ir.IRBuilder, matrix: Sequence[Row], values: Sequence[Value]) -> list[Value]:
    """Aᵀ·m. Columns for points a and −a are the same but for signs: their sum and difference take their places."""
    columns: list[Row] = list(zip(*matrix))
    terms = list(values)
    for i, j in combinations(range(len(columns)), 2):
        if pair := parts(columns[i], columns[j]):
            columns[i], columns[j] = pair
            terms[i], terms[j] = b.fadd(values[i], values[j]), b.fsub(values[i], values[j])
    return [combined(b, row, terms) for row in zip(*columns)]


def places(
    b: ir.IRBuilder, most: Value, last: Value, place: Value, F: tuple[Transforms, Transforms]
) -> list[list[Value]]:
    """Pointers to a tile in all places, by row and column."""
    rows, columns = F[0].alpha, F[1].alpha
    return [
        [
            pointer(b, b.add(last if j == columns - 1 else most, b.mul(place, I64(i * columns + j))))
            for j in range(columns)
        ]
        for i in range(rows)
    ]


def input_tile(F: tuple[Transforms, Transforms], instructions: InstructionSet) -> Any:
    """tile(d, row, V, last, place): V = Bᵀ d B of PART channels. F: along columns, along rows.

    row: bytes between rows of d. V, last: where the tile lies in each place, and in the last place of each row.
    """
    down, along = F
    type = vector(F32, instructions.lanes)

    @intrinsic
    def winograd_input(typingctx: Any, d: Any, row: Any, V: Any, last: Any, place: Any) -> Any:
        def emit(context: Any, b: ir.IRBuilder, signature: Any, arguments: Any) -> Any:
            d, row, V, last, place = arguments
            rows = [pointer(b, b.add(d, b.mul(row, I64(i)))) for i in range(down.alpha)]
            to = places(b, V, last, place, F)
            for channel in range(0, 4 * PART, 4 * instructions.lanes):
                columns = [
                    before(b, down.B_T, [load(b, p, type, 4 * PART * j + channel) for p in rows])
                    for j in range(along.alpha)
                ]
                for i in range(down.alpha):
                    for j, value in enumerate(before(b, along.B_T, [column[i] for column in columns])):
                        store(b, value, to[i][j], channel)
            return context.get_dummy_value()

        return types.void(*[types.intp] * 5), emit

    return winograd_input


def output_tile(F: tuple[Transforms, Transforms], instructions: InstructionSet) -> Any:
    """tile(M, last, place, bias, y, row): y = Aᵀ M A + bias of the channels of a register tile; see `input_tile`."""
    down, along = F
    type, across = vector(F32, instructions.lanes), 4 * instructions.lanes * instructions.vectors

    @intrinsic
    def winograd_output(typingctx: Any, M: Any, last: Any, place: Any, bias: Any, y: Any, row: Any) -> Any:
        def emit(context: Any, b: ir.IRBuilder, signature: Any, arguments: Any) -> Any:
            M, last, place, bias, y, row = arguments
            bias, found = pointer(b, bias), places(b, M, last, place, F)
            rows = [pointer(b, b.add(y, b.mul(row, I64(i)))) for i in range(down.m)]
            for channel in range(0, across, 4 * instructions.lanes):
                columns = []
                for j in range(along.alpha):
                    columns.append(after(b, down.A_T, [load(b, line[j], type, channel) for line in found]))
                start = load(b, bias, type, channel)
                for i, p in enumerate(rows):
                    for j, value in enumerate(after(b, along.A_T, [column[i] for column in columns])):
                        store(b, b.fadd(value, start), p, across * j + channel)
            return context.get_dummy_value()

        return types.void(*[types.intp] * 6), emit

    return winograd_output


def product_tile(pixels: int, instructions: InstructionSet) -> Any:
    """tile(V, U, M, words, first, zeros): M = V·U of some tiles of one place and a chain of input channels, or M + V·U.

    A convolution of 1×1. words: channels of the chain. first: whether M is new. zeros: 16 bytes of them.
    """
    shape = RegisterTile(
        pixels, instructions.vectors, ((True,) * pixels,), unroll=UNROLL, blocks=False, partial=False, planes=False
    )
    across, type = instructions.lanes * instructions.vectors, vector(F32, instructions.lanes)
    ahead = 4 * across * CHAIN  # tiles of this chain ask for the weights of the next

    def add(b: ir.IRBuilder, sums: Value, p: Value) -> Value:
        return b.fadd(sums, load(b, p, type))

    @intrinsic
    def winograd_product(typingctx: Any, V: Any, U: Any, M: Any, words: Any, first: Any, zeros: Any) -> Any:
        def emit(context: Any, b: ir.IRBuilder, signature: Any, arguments: Any) -> Any:
            V, U, M, words, first, zeros = arguments
            steps = Steps(
                word=I64(4),
                block=I64(0),
                tap=I64(0),
                pixel=I64(4 * CHAIN),
                taps=I64(1),
                rows=I64(1),
                words=words,
                block_words=words,
                y_pixel=I64(4 * across),
                y_channel=I64(4),
            )
            operands = Operands(pointer(b, V), pointer(b, U), pointer(b, zeros), I64(1), I64(0), I64(1))
            start = [constant(type, 0.0)] * (pixels * instructions.vectors)
            lanes = arithmetic(instructions.lanes)
            sums = reduction(b, shape, instructions.register, lanes, steps, operands, start, ahead)
            with b.if_else(b.icmp_signed("!=", first, I64(0))) as (new, further):
                with new:
                    output(b, shape, steps, sums, lambda b, sums, p: sums, pointer(b, M), I64(across))
                with further:
                    output(b, shape, steps, sums, add, pointer(b, M), I64(across))
            return context.get_dummy_value()

        return types.void(*[types.intp] * 6), emit

    return winograd_product


def square_in(instructions: InstructionSet) -> Any:
    """square(x, plane, left, zeros, d): a square of pixels of NCHW to d. plane: bytes between channels; left: channels
    that exist, others are zero: they are read from `zeros`.
    """
    n = side(instructions)

    @intrinsic
    def winograd_square_in(typingctx: Any, x: Any, plane: Any, left: Any, zeros: Any, d: Any) -> Any:
        def emit(context: Any, b: ir.IRBuilder, signature: Any, arguments: Any) -> Any:
            x, plane, left, zeros, d = arguments
            rows = []
            for k in range(n):
                here = b.add(x, b.mul(plane, I64(k)))
                there = b.select(b.icmp_signed("<", I64(k), left), here, zeros)
                rows.append(load(b, pointer(b, there), vector(F32, n), align=1))
            for p, pixel in enumerate(transposed(b, rows)):
                store(b, pixel, pointer(b, d), 4 * PART * p)
            return context.get_dummy_value()

        return types.void(*[types.intp] * 5), emit

    return winograd_square_in


def square_out(instructions: InstructionSet) -> Any:
    """square(d, y, plane, left, residual, limits): a square of pixels of d to NCHW.

    In d the channels of a register tile lie side by side. residual: bytes from y to what is added, 0 for nothing.
    limits: see `ends`; 0 where sums are stored as they are.
    """
    n, across = side(instructions), 4 * instructions.lanes * instructions.vectors

    @intrinsic
    def winograd_square_out(typingctx: Any, d: Any, y: Any, plane: Any, left: Any, residual: Any, limits: Any) -> Any:
        def emit(context: Any, b: ir.IRBuilder, signature: Any, arguments: Any) -> Any:
            d, y, plane, left, residual, limits = arguments
            pixels = [load(b, pointer(b, d), vector(F32, n), across * p) for p in range(n)]
            rows = transposed(b, pixels)

            def put(end: Callable[[Value, Value], Value]) -> None:
                for k, row in enumerate(rows):
                    with b.if_then(b.icmp_signed("<", I64(k), left)):
                        p = pointer(b, b.add(y, b.mul(plane, I64(k))))
                        store(b, end(row, p), p, align=1)

            bare_or_fused(b, residual, limits, put)
            return context.get_dummy_value()

        return types.void(*[types.intp] * 6), emit

    return winograd_square_out


def pixel_in(instructions: InstructionSet) -> Any:
    """pixel(x, plane, left, d): one pixel's channels, up to PART, to d; zeros for those that do not exist."""
    type = vector(F32, instructions.lanes)

    @intrinsic
    def winograd_pixel_in(typingctx: Any, x: Any, plane: Any, left: Any, d: Any) -> Any:
        def emit(context: Any, b: ir.IRBuilder, signature: Any, arguments: Any) -> Any:
            x, plane, left, d = arguments
            here = pointer(b, d)

            def one(k: Value, _: list[Value]) -> list[Value]:
                value = load(b, pointer(b, b.add(x, b.mul(k, plane))), F32, align=1)
                store(b, value, here, b.mul(k, I64(4)))
                return []

            with b.if_else(side_by_side(b, plane, left, PART)) as (whole, single):
                with whole:
                    for offset in range(0, 4 * PART, 4 * instructions.lanes):
                        store(b, load(b, pointer(b, x), type, offset, align=1), here, offset)
                with single:
                    for offset in range(0, 4 * PART, 4 * instructions.lanes):
                        store(b, constant(type, 0.0), here, offset)
                    loop(b, I64(0), least(b, left, PART), 1, [], one)
            return context.get_dummy_value()

        return types.void(*[types.intp] * 4), emit

    return winograd_pixel_in


def pixel_out(instructions: InstructionSet) -> Any:
    """pixel(d, y, plane, left, residual, limits): one pixel's channels, as many as exist, to any layout."""
    across, type = instructions.lanes * instructions.vectors, vector(F32, instructions.lanes)

    @intrinsic
    def winograd_pixel_out(typingctx: Any, d: Any, y: Any, plane: Any, left: Any, residual: Any, limits: Any) -> Any:
        def emit(context: Any, b: ir.IRBuilder, signature: Any, arguments: Any) -> Any:
            d, y, plane, left, residual, limits = arguments
            here = pointer(b, d)

            def put(end: Callable[[Value, Value], Value]) -> None:
                def one(k: Value, _: list[Value]) -> list[Value]:
                    value, p = load(b, here, F32, b.mul(k, I64(4))), pointer(b, b.add(y, b.mul(k, plane)))
                    store(b, end(value, p), p, align=1)
                    return []

                with b.if_else(side_by_side(b, plane, left, across)) as (whole, single):
                    with whole:
                        for offset in range(0, 4 * across, 4 * instructions.lanes):
                            p = at(b, pointer(b, y), offset)
                            store(b, end(load(b, here, type, offset), p), p, align=1)
                    with single:
                        loop(b, I64(0), least(b, left, across), 1, [], one)

            bare_or_fused(b, residual, limits, put)
            return context.get_dummy_value()

        return types.void(*[types.intp] * 6), emit

    return winograd_pixel_out


def side_by_side(b: ir.IRBuilder, plane: Value, left: Value, count: int) -> Value:
    """Whether so many channels exist, without gaps."""
    return b.and_(b.icmp_signed("==", plane, I64(4)), b.icmp_signed(">=", left, I64(count)))


def least(b: ir.IRBuilder, value: Value, most: int) -> Value:
    """min(value, most)."""
    return b.select(b.icmp_signed("<", value, I64(most)), value, I64(most))


def bare_or_fused(
    b: ir.IRBuilder, residual: Value, limits: Value, put: Callable[[Callable[[Value, Value], Value]], None]
) -> None:
    """put(end) with sums as they are where limits is 0, else with the end that adds and limits."""
    with b.if_else(b.icmp_signed("==", limits, I64(0))) as (bare, fused):
        with bare:
            put(lambda sums, p: sums)
        with fused:
            put(ended(b, residual, limits))


def ended(b: ir.IRBuilder, residual: Value, limits: Value) -> Callable[[Value, Value], Value]:
    """What is stored at p for sums, as a function of the two. See `ends`."""
    limits = pointer(b, limits)
    low, high = (load(b, limits, F32, 4 * i) for i in range(2))
    nothing = b.icmp_signed("==", residual, I64(0))

    def end(sums: Value, p: Value) -> Value:
        added = b.select(nothing, at(b, limits, 8), at(b, p, residual))
        return held(b, b.fadd(sums, load(b, added, sums.type, align=1)), low, high)

    return end


def ends(limits: Limits) -> NDArray[np.float32]:
    """What tiles of outputs take as `limits`: the two, and a vector of what is added where there is no residual.

    −0 changes no sum, not even its sign.
    """
    return np.array([limits.low, limits.high, *[-0.0] * PART], np.float32)


def zero() -> Any:
    """zero(p): a cache line of zeros."""

    @intrinsic
    def winograd_zero(typingctx: Any, p: Any) -> Any:
        def emit(context: Any, b: ir.IRBuilder, signature: Any, arguments: Any) -> Any:
            store(b, constant(vector(F32, PART), 0.0), pointer(b, arguments[0]))
            return context.get_dummy_value()

        return types.void(types.intp), emit

    return winograd_zero
