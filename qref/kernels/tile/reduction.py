"""The order of loops inside a tile: blocks of channels → rows of taps → taps of a row → channels of the block.

An innermost round is V loads of weights, P broadcasts of a word and P·V multiply-adds. A word is 4 bytes: one float, or
four bytes of channels side by side. Weights lie in the order in which they are met: [block][row of taps][tap][word][V].
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from llvmlite import ir

from qref.kernels.ir import I64, Value, at, load, loop, opaque, pinned, prefetch, slots
from qref.kernels.tile.register_tile import RegisterTile
from qref.kernels.tile.steps import Steps

AHEAD = 512
"""How far ahead weights are asked for, in bytes, where they are met once."""
FEW = 4
"""With so few words in all, the loop over them is unrolled and pointers are pinned."""


@dataclass(frozen=True)
class Arithmetic:
    """What a tile does with a word and a vector of weights.

    word: its LLVM type. weight_bytes: of a vector of weights of one word. weights(b, p, offset) loads it.
    broadcast(b, word) → what multiply_add(b, that, weights, sum) takes, and returns the new sum.
    split(b) → a vector of sums to begin a block with, and merge(b, total, sum) → a total with a block's sum, where
    sums are split by blocks; else None.
    """

    word: Any
    weight_bytes: int
    weights: Callable[[ir.IRBuilder, Value, int], Value]
    broadcast: Callable[[ir.IRBuilder, Value], Any]
    multiply_add: Callable[[ir.IRBuilder, Any, Value, Value], Value]
    split: Callable[[ir.IRBuilder], Value] | None = None
    merge: Callable[[ir.IRBuilder, Value, Value], Value] | None = None


@dataclass(frozen=True)
class Operands:
    """Pointers to the window of pixel 0, to weights, and to the rows of taps on the image: pairs of int64, a row's
    distance in the input and its number. count: of such rows. first, last: range of taps, where it is not compiled in.
    """

    x: Value
    w: Value
    rows: Value
    count: Value
    first: Value
    last: Value


def reduction(
    b: ir.IRBuilder,
    tile: RegisterTile,
    register: str,
    arithmetic: Arithmetic,
    steps: Steps,
    operands: Operands,
    sums: Sequence[Value],
    ahead: int = AHEAD,
) -> list[Value]:
    """The sums, P·V vectors by pixel and vector, with all products of the tile added.

    ahead: how far ahead weights are asked for, in bytes.
    """
    across = tile.vectors * arithmetic.weight_bytes
    block_bytes = b.mul(b.mul(steps.rows, steps.taps), b.mul(steps.block_words, I64(across)))

    def channels(
        xs: Value, ws: Value, acc: list[Value], words: Value, valid: Sequence[bool], whole: bool
    ) -> list[Value]:
        def rounds(_: Value, carried: list[Value]) -> list[Value]:
            xc, wc, acc = carried[0], carried[1], carried[2:]
            for u in range(tile.unroll):
                if (whole and u) or tile.unroll > FEW:
                    xc, acc = pinned(b, xc, acc, register)
                weights = [
                    arithmetic.weights(b, wc, (u * tile.vectors + v) * arithmetic.weight_bytes)
                    for v in range(tile.vectors)
                ]
                if not whole:
                    for line in range(0, across, 64):
                        prefetch(b, wc, u * across + line + ahead)
                xu = at(b, xc, b.mul(steps.word, I64(u))) if u else xc
                for p in range(tile.pixels):
                    if valid[p]:
                        pixel = at(b, xu, b.mul(steps.pixel, I64(p))) if p else xu
                        x = arithmetic.broadcast(b, load(b, pixel, arithmetic.word, align=1))
                        for v in range(tile.vectors):
                            i = p * tile.vectors + v
                            acc[i] = arithmetic.multiply_add(b, x, weights[v], acc[i])
            return [at(b, xc, b.mul(steps.word, I64(tile.unroll))), at(b, wc, tile.unroll * across), *acc]

        if whole:
            return rounds(I64(0), [xs, ws, *acc])[2:]
        return loop(b, I64(0), words, tile.unroll, [xs, ws, *acc], rounds, at_least_once=True)[2:]

    def row_of_taps(xr: Value, wr: Value, acc: list[Value], words: Value) -> list[Value]:
        tap_bytes = b.mul(words, I64(across))
        if tile.taps is None:

            def tap(s: Value, carried: list[Value]) -> list[Value]:
                xs, ws = at(b, xr, b.mul(s, steps.tap)), at(b, wr, b.mul(s, tap_bytes))
                return channels(xs, ws, carried, words, [True] * tile.pixels, False)

            return loop(b, operands.first, operands.last, 1, acc, tap)
        for s, valid in enumerate(tile.taps):
            if any(valid):
                xs, ws = at(b, xr, b.mul(I64(s), steps.tap)), at(b, wr, b.mul(I64(s), tap_bytes))
                if tile.whole and s:
                    xs, acc = pinned(b, xs, acc, register)
                acc = channels(xs, ws, acc, words, valid, tile.whole)
        return acc

    def block(xb: Value, wb: Value, acc: list[Value], words: Value) -> list[Value]:
        here = replace(operands, x=xb, w=wb)
        row_bytes = b.mul(steps.taps, b.mul(words, I64(across)))
        return by_rows(b, here, row_bytes, acc, lambda xr, wr, carried: row_of_taps(xr, wr, carried, words))

    if not tile.blocks:
        return block(operands.x, operands.w, list(sums), steps.words)

    def words_of(first: Value) -> Value:
        left = b.sub(steps.words, first)
        return b.select(b.icmp_signed("<", left, steps.block_words), left, steps.block_words)

    if arithmetic.split is None or arithmetic.merge is None:

        def next_block(first: Value, carried: list[Value]) -> list[Value]:
            acc = block(carried[0], carried[1], carried[2:], words_of(first))
            return [at(b, carried[0], steps.block), at(b, carried[1], block_bytes), *acc]

        return loop_by(b, steps, [operands.x, operands.w, *sums], next_block)[2:]

    split, merge = arithmetic.split, arithmetic.merge
    totals = slots(b, sums, 4 * 16)

    def part(first: Value, carried: list[Value]) -> list[Value]:
        acc = block(carried[0], carried[1], [split(b) for _ in totals], words_of(first))
        for total, value in zip(totals, acc):
            b.store(merge(b, b.load(total), value), total)
        return [at(b, carried[0], steps.block), at(b, carried[1], block_bytes)]

    loop_by(b, steps, [operands.x, operands.w], part)
    return [b.load(total) for total in totals]


def by_rows(
    b: ir.IRBuilder,
    operands: Operands,
    row_bytes: Value,
    carried: Sequence[Value],
    body: Callable[[Value, Value, list[Value]], list[Value]],
) -> list[Value]:
    """carried = body(x, weights, carried) for each row of taps on the image. row_bytes: of a row's weights."""

    def row(i: Value, carried: list[Value]) -> list[Value]:
        entry = at(b, operands.rows, b.mul(i, I64(16)))
        xr = at(b, operands.x, load(b, entry, I64, 0, 8))
        wr = at(b, operands.w, b.mul(load(b, entry, I64, 8, 8), row_bytes))
        return body(xr, wr, carried)

    return loop(b, I64(0), operands.count, 1, carried, row)


def loop_by(
    b: ir.IRBuilder, steps: Steps, carried: list[Value], body: Callable[[Value, list[Value]], list[Value]]
) -> list[Value]:
    """A loop over the first word of each block.

    LLVM must not know how often: it would unroll two or three blocks, keep their totals in registers, and spill.
    """
    return loop(b, I64(0), opaque(b, steps.words, "r"), steps.block_words, carried, body, at_least_once=True)
