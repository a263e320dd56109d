"""Arguments: what the loop around tiles gives a tile, and a tile as an intrinsic of Numba."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from llvmlite import ir
from numba import types
from numba.extending import intrinsic

from qref.kernels.ir import Value, pointer

COUNT = 12
"""How many arguments a tile takes: addresses and integers, in the order of `Arguments`."""


@dataclass(frozen=True)
class Arguments:
    """x … rows, numbers: pointers; count … left: int64. `qref.kernels.tile.program` says what they are of.

    bias and scale stand at the tile's output channels, residual and y at its first output.
    """

    x: Value
    w: Value
    bias: Value
    scale: Value
    residual: Value
    y: Value
    rows: Value
    count: Value
    first: Value
    last: Value
    left: Value
    numbers: Value


def tile_of(emit: Callable[[ir.IRBuilder, Arguments], None]) -> Any:
    """The tile whose code `emit` writes, to be called from compiled loops."""

    @intrinsic
    def tile(
        typingctx: Any, x: Any, w: Any, bias: Any, scale: Any, residual: Any, y: Any, rows: Any, count: Any,
        first: Any, last: Any, left: Any, numbers: Any,
    ) -> Any:  # fmt: skip
        def code(context: Any, b: ir.IRBuilder, signature: Any, given: Any) -> Any:
            values = [value if 7 <= i < 11 else pointer(b, value) for i, value in enumerate(given)]
            emit(b, Arguments(*values))
            return context.get_dummy_value()

        return types.void(*[types.intp] * COUNT), code

    return tile
