"""The tile of signs as bits, where a vector's bits are counted by one instruction: words of 32 channels.

With x and w in {−1, +1} as bits 0 and 1, Σ x·w over n taps is n − 2·popcount(x ⊕ w).
"""

from dataclasses import fields
from typing import Any

from llvmlite import ir

from qref.kernels.instructions import InstructionSet
from qref.kernels.ir import I32, I64, Value, constant, load, splat, vector
from qref.kernels.tile.arguments import Arguments, tile_of
from qref.kernels.tile.output import output
from qref.kernels.tile.popcount import POPCOUNTS, Count
from qref.kernels.tile.reduction import Arithmetic, Operands, reduction
from qref.kernels.tile.register_tile import RegisterTile
from qref.kernels.tile.steps import Steps

CHANNELS = 8 * len(fields(Steps))
"""Where in `numbers` the channels of a group are."""


def arithmetic(lanes: int, count: Count) -> Arithmetic:
    """Sums of differing bits, int32."""
    type = vector(I32, lanes)
    return Arithmetic(
        word=I32,
        weight_bytes=4 * lanes,
        weights=lambda b, p, offset: load(b, p, type, offset),
        broadcast=lambda b, word: splat(b, word, lanes),
        multiply_add=lambda b, x, w, total: b.add(total, count(b, b.xor(x, w))),
    )


def tile(shape: RegisterTile, instructions: InstructionSet, channels: int, known: Steps | None) -> Any:
    """One tile, to be called with the arguments that `qref.kernels.tile.program` gives; the result is int32.

    channels: of a group, where `known` is given: the steps of the one layer that the code is made for. Else steps are
    loaded from `numbers`, and the channels after them.
    """
    lanes, count_bits = instructions.lanes, POPCOUNTS[instructions.popcount]

    def emit(b: ir.IRBuilder, given: Arguments) -> None:
        steps = Steps.emitted(b, known, given.numbers)
        in_group = I64(channels) if known else load(b, given.numbers, I64, CHANNELS, 8)
        zeros = [constant(vector(I32, lanes), 0)] * (shape.pixels * shape.vectors)
        operands = Operands(given.x, given.w, given.rows, given.count, given.first, given.last)
        sums = reduction(b, shape, instructions.register, arithmetic(lanes, count_bits), steps, operands, zeros)
        bits = b.mul(given.count, in_group)  # of one tap in each row on the image
        results = []
        for p in range(shape.pixels):
            taps = b.sub(given.last, given.first) if shape.taps is None else I64(sum(valid[p] for valid in shape.taps))
            n = splat(b, b.trunc(b.mul(bits, taps), I32), lanes)
            of_pixel = sums[p * shape.vectors : (p + 1) * shape.vectors]
            results += [b.sub(n, b.shl(total, constant(total.type, 1))) for total in of_pixel]
        output(b, shape, steps, results, as_it_is, given.y, given.left, instructions.masks)

    return tile_of(emit)


def as_it_is(b: ir.IRBuilder, value: Value, p: Value) -> Value:
    """An end that changes nothing."""
    return value
