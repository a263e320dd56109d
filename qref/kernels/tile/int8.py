"""The tile of 8-bit integers: int32 sums that begin with what zero points and bias are, and an end by float32.

Σ (x − z_x)·w = Σ x·w − z_x·Σ w: the second sum runs over the taps on the image, so it depends on the row and the column
of the output only by which taps these are. A table holds bias − z_x·Σ w for each of these classes; sums start there.
"""

from collections.abc import Sequence
from dataclasses import astuple, fields
from typing import Any

import numpy as np
from llvmlite import ir
from numpy.typing import NDArray

from qref.kernels.instructions import InstructionSet
from qref.kernels.ir import F32, I8, I32, Value, declared, load, splat, vector
from qref.kernels.tile.arguments import Arguments, tile_of
from qref.kernels.tile.dot import arithmetic
from qref.kernels.tile.output import output
from qref.kernels.tile.reduction import Operands, reduction
from qref.kernels.tile.register_tile import RegisterTile
from qref.kernels.tile.steps import Steps


def numbers(steps: Steps) -> NDArray[np.int64]:
    """What a tile loads first."""
    return np.array(astuple(steps), np.int64)


def limits(zero_point: int, lowest: int, highest: int) -> NDArray[np.int64]:
    """What the end by float32 loads behind the steps: the limits less the zero point as float32, and the zero point."""
    held = np.array([lowest - zero_point, highest - zero_point], np.float32)
    return np.concatenate([held.view(np.int64), np.array([zero_point], np.int64)])


def tile(
    shape: RegisterTile,
    instructions: InstructionSet,
    dot: str,
    starts: Sequence[int],
    known: Steps | None,
    requantized: bool,
) -> Any:
    """One tile, to be called with the arguments that `qref.kernels.tile.program` gives; bias points at start values.

    dot: a name of DOTS. starts: for each pixel, the distance of its start values, in bytes. known: the steps where the
    code is made for one layer; else they are loaded from `numbers`. requantized: y holds 8-bit integers by the rule
    xnnpack-fp32, with a float32 scale for each output channel, else the sums.
    """
    lanes = instructions.lanes

    def emit(b: ir.IRBuilder, given: Arguments) -> None:
        steps = Steps.emitted(b, known, given.numbers)
        begin = {
            distance: [load(b, given.bias, vector(I32, lanes), distance + 4 * lanes * v) for v in range(shape.vectors)]
            for distance in dict.fromkeys(starts)
        }
        sums = [vector for distance in starts for vector in begin[distance]]
        operands = Operands(given.x, given.w, given.rows, given.count, given.first, given.last)
        sums = reduction(b, shape, instructions.register, arithmetic(dot, lanes), steps, operands, sums)
        stored(b, shape, steps, sums, given, requantized, instructions.masks)

    return tile_of(emit)


def stored(
    b: ir.IRBuilder,
    shape: RegisterTile,
    steps: Steps,
    sums: Sequence[Value],
    given: Arguments,
    requantized: bool,
    masked: bool,
) -> None:
    """The end of a tile: sums to the output, or what xnnpack-fp32 makes of them. masked: see `output`."""
    if not requantized:
        output(b, shape, steps, sums, lambda b, sums, p: sums, given.y, given.left, masked)
        return
    of_floats = vector(F32, sums[0].type.count)
    scales = [load(b, given.scale, of_floats, 4 * of_floats.count * v) for v in range(shape.vectors)]
    ends = [narrowed(b, end) for end in by_float32(b, sums, scales * shape.pixels, given.numbers)]
    output(b, shape, steps, ends, lambda b, ends, p: ends, given.y, given.left, masked)


def by_float32(b: ir.IRBuilder, sums: Sequence[Value], scales: Sequence[Value], numbers: Value) -> list[Value]:
    """rint(float32(sum) · scale), half to even, held within the limits before it is rounded, plus the zero point.

    Held as a float, no number is too large to be rounded to an int32; the limits are whole, so it makes no difference.
    """
    lanes, after = sums[0].type.count, 8 * len(fields(Steps))
    of_floats = vector(F32, lanes)
    low, high = (splat(b, load(b, numbers, F32, after + 4 * i), lanes) for i in range(2))
    zero_point = splat(b, load(b, numbers, I32, after + 8), lanes)
    rint = declared(b, f"llvm.lrint.v{lanes}i32.v{lanes}f32", sums[0].type, [of_floats])
    ends = []
    for one, scale in zip(sums, scales):
        real = b.fmul(b.sitofp(one, of_floats), scale)
        real = b.select(b.fcmp_ordered(">", real, low), real, low)
        real = b.select(b.fcmp_ordered("<", real, high), real, high)
        ends.append(b.add(b.call(rint, [real]), zero_point))
    return ends


def narrowed(b: ir.IRBuilder, ends: Value) -> Value:
    """The low 8 bits of each lane: before the transpose, whose shuffles are cheaper on bytes."""
    return b.trunc(ends, vector(I8, ends.type.count))
