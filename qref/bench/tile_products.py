"""Products of matrices by AMX on its tiles and nothing else: what its peak is measured by."""

from dataclasses import dataclass
from functools import reduce

from llvmlite import ir

from qref.kernels.ir import I8, I32, I64, POINTER, Value, at, constant, load, loop, store, vector
from qref.kernels.tile.amx import LANES, REGISTERS, ROW, ROWS, call, configuration

SUMS = 6
"""Tiles that are added to: all but two, enough to hide the latency of the unit."""
X, W = SUMS, SUMS + 1


@dataclass(frozen=True)
class TileProducts:
    """One round adds the product of two tiles of ones to each of the others.

    name, dtype, needs: as those of a `qref.bench.chains.Link`.
    """

    name: str = "tdpbusd"
    dtype: str = "int8"
    needs: tuple[str, ...] = ("amx-tile", "amx-int8")

    @property
    def macs_of_round(self) -> int:
        """Multiply-adds: 16 rows by 16 columns by 64 bytes, for each sum."""
        return SUMS * ROWS * LANES * ROW

    def emit(self, b: ir.IRBuilder, rounds: Value) -> Value:
        """The loop, and the sum of the first rows of all sums as int64."""
        row = vector(I32, LANES)
        with b.goto_entry_block():
            room = b.alloca(ir.ArrayType(I8, SUMS * ROWS * ROW))
        room.align = ROW
        place = b.bitcast(room, POINTER)
        store(b, constant(vector(I8, ROW), 1), place)
        call(b, "ldtilecfg", configuration(b, [ROWS] * REGISTERS))
        for tile in (X, W):
            call(b, "tileloadd64", I8(tile), place, I64(0))
        for tile in range(SUMS):
            call(b, "tilezero", I8(tile))

        def products(_: Value, __: list[Value]) -> list[Value]:
            for tile in range(SUMS):
                call(b, "tdpbusd", I8(tile), I8(X), I8(W))
            return []

        loop(b, I64(0), rounds, 1, [], products, at_least_once=True)
        for tile in range(SUMS):
            call(b, "tilestored64", I8(tile), at(b, place, tile * ROWS * ROW), I64(ROW))
        call(b, "tilerelease")
        total = reduce(b.add, [load(b, place, row, tile * ROWS * ROW) for tile in range(SUMS)])
        return b.sext(reduce(b.add, [b.extract_element(total, I32(lane)) for lane in range(LANES)]), I64)


TILE_PRODUCTS = TileProducts()
