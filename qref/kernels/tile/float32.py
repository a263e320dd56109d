"""The tile of float32: multiply-adds, and an end that adds a residual and clips."""

from dataclasses import dataclass
from typing import Any

from llvmlite import ir
from numba import types
from numba.extending import intrinsic

from qref.kernels.instructions import InstructionSet
from qref.kernels.ir import F32, Value, at, constant, load, multiply_add, pointer, splat, vector
from qref.kernels.tile.output import output
from qref.kernels.tile.reduction import Arithmetic, Operands, reduction
from qref.kernels.tile.register_tile import RegisterTile
from qref.kernels.tile.steps import Steps


@dataclass(frozen=True)
class Epilogue:
    """What is done to a sum before it is stored: y = min(max(Σ + bias + residual, low), high). NaN stays NaN.

    Relu is low = 0; Relu6 low = 0, high = 6.
    """

    residual: bool = False
    low: float | None = None
    high: float | None = None


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


def tile(shape: RegisterTile, instructions: InstructionSet, epilogue: Epilogue, known: Steps | None) -> Any:
    """One tile, to be called with the arguments that `qref.kernels.tile.program` gives.

    known: the steps where the code is made for one layer; else they are loaded from `numbers`.
    """
    lanes = instructions.lanes

    @intrinsic
    def float32_tile(
        typingctx: Any, x: Any, w: Any, bias: Any, scale: Any, residual: Any, y: Any, rows: Any, count: Any,
        first: Any, last: Any, left: Any, numbers: Any,
    ) -> Any:  # fmt: skip
        def emit(context: Any, b: ir.IRBuilder, signature: Any, arguments: Any) -> Any:
            x, w, bias, _, _, y, rows = (pointer(b, address) for address in arguments[:7])
            count, first, last, left = arguments[7:11]
            steps = known.emit(b) if known else Steps.loaded(b, pointer(b, arguments[11]))
            biases = [load(b, bias, vector(F32, lanes), 4 * lanes * v) for v in range(shape.vectors)]
            operands = Operands(x, w, rows, count, first, last)
            sums = reduction(b, shape, instructions.register, arithmetic(lanes), steps, operands, biases * shape.pixels)
            distance = b.sub(arguments[4], arguments[5])

            def end(b: ir.IRBuilder, sums: Value, p: Value) -> Value:
                if epilogue.residual:
                    sums = b.fadd(sums, load(b, at(b, p, distance), sums.type))
                return clipped(b, sums, epilogue)

            output(b, shape, steps, sums, end, y, left)
            return context.get_dummy_value()

        return types.void(*[types.intp] * 12), emit

    return float32_tile


def clipped(b: ir.IRBuilder, value: Value, epilogue: Epilogue) -> Value:
    """min(max(value, low), high), of a vector or a scalar."""
    for limit, beyond in ((epilogue.low, "<"), (epilogue.high, ">")):
        if limit is not None:
            end = ir.Constant(F32, limit) if value.type == F32 else constant(value.type, limit)
            value = b.select(b.fcmp_ordered(beyond, value, end), end, value)
    return value
