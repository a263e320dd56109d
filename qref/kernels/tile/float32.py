"""The tile of float32: multiply-adds, and an end that adds a residual and clips."""

import math
from dataclasses import astuple, dataclass, fields
from typing import Any

import numpy as np
from llvmlite import ir
from numpy.typing import NDArray

from qref.kernels.instructions import InstructionSet
from qref.kernels.ir import F32, I64, Value, at, constant, load, multiply_add, splat, vector
from qref.kernels.tile.arguments import Arguments, tile_of
from qref.kernels.tile.output import output
from qref.kernels.tile.reduction import Arithmetic, Operands, reduction
from qref.kernels.tile.register_tile import RegisterTile
from qref.kernels.tile.steps import Steps


@dataclass(frozen=True)
class Limits:
    """What a sum is held within before it is stored: y = min(max(Σ + bias + residual, low), high). NaN stays NaN.

    Relu is low = 0; Relu6 low = 0, high = 6.
    """

    low: float = -math.inf
    high: float = math.inf

    def array(self, steps: Steps) -> NDArray[np.int64]:
        """The numbers of a tile: steps, and these two as float32."""
        pair = np.array([self.low, self.high], np.float32).view(np.int64)
        return np.concatenate([np.array(astuple(steps), np.int64), pair])


def arithmetic(lanes: int) -> Arithmetic:
    """Of vectors of so many floats. Sums are split by blocks: chains of hundreds of additions, not of thousands."""
    type = vector(F32, lanes)
    return Arithmetic(
        word=F32,
        weight_bytes=4 * lanes,
        weights=lambda b, p, offset: load(b, p, type, offset),
        broadcast=lambda b, word: splat(b, word, lanes),
        multiply_add=multiply_add,
        split=lambda b: constant(type, 0.0),
        merge=lambda b, total, part: b.fadd(total, part),
    )


def tile(shape: RegisterTile, instructions: InstructionSet, known: Steps | None, with_residual: bool) -> Any:
    """One tile, to be called with the arguments that `qref.kernels.tile.program` gives.

    known: the steps where the code is made for one layer; else they are loaded from `numbers`. with_residual: whether
    one is added.
    """
    lanes = instructions.lanes

    def emit(b: ir.IRBuilder, given: Arguments) -> None:
        steps = Steps.emitted(b, known, given.numbers)
        biases = [load(b, given.bias, vector(F32, lanes), 4 * lanes * v) for v in range(shape.vectors)]
        operands = Operands(given.x, given.w, given.rows, given.count, given.first, given.last)
        sums = reduction(b, shape, instructions.register, arithmetic(lanes), steps, operands, biases * shape.pixels)
        distance = b.sub(b.ptrtoint(given.residual, I64), b.ptrtoint(given.y, I64))
        after = 8 * len(fields(Steps))
        low, high = (load(b, given.numbers, F32, after + 4 * i) for i in range(2))

        def end(b: ir.IRBuilder, sums: Value, p: Value) -> Value:
            if with_residual:
                sums = b.fadd(sums, load(b, at(b, p, distance), sums.type))
            return held(b, sums, low, high)

        output(b, shape, steps, sums, end, given.y, given.left, instructions.masks and not with_residual)

    return tile_of(emit)


def held(b: ir.IRBuilder, value: Value, low: Value, high: Value) -> Value:
    """min(max(value, low), high), of a vector or a scalar."""
    for limit, beyond in ((low, "<"), (high, ">")):
        end = limit if value.type == F32 else splat(b, limit, value.type.count)
        value = b.select(b.fcmp_ordered(beyond, value, end), end, value)
    return value
