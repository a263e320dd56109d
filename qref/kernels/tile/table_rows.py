"""Rows of tables added up: lanes are windows side by side, and a code, the same for all of them, chooses the row."""

from typing import Any

from llvmlite import ir
from numba import types
from numba.extending import intrinsic

from qref.kernels.instructions import InstructionSet
from qref.kernels.ir import F32, I8, I64, Value, at, constant, load, loop, pointer, store, vector

PROGRAM = '''"""A program of qref.kernels; qref/kernels/tile/table_rows.py says what it is."""

import numpy as np
from numba import float32, int64, njit, void

from qref.kernels.instructions.table import named
from qref.kernels.tile.table_rows import rows

here = named("{name}")
eight, four, two, one = rows(here, 8), rows(here, 4), rows(here, 2), rows(here, 1)
lanes = here.lanes


@njit
def summed(windows, tables, codes, starts, count, step, y):
    done = 0
    while done < windows:
        left, x, to = windows - done, tables + 4 * done, y + 4 * done
        if left >= 8 * lanes:
            eight(x, codes, starts, count, step, to)
            done += 8 * lanes
        elif left >= 4 * lanes:
            four(x, codes, starts, count, step, to)
            done += 4 * lanes
        elif left >= 2 * lanes:
            two(x, codes, starts, count, step, to)
            done += 2 * lanes
        else:
            one(x, codes, starts, count, step, to)
            done += lanes


@njit(
    void(int64, int64, int64, int64, int64, int64, int64, int64, int64, int64, int64, int64, float32[:, :, :, ::1]),
    cache=True, nogil=True,
)
def kernel(first, last, per_group, tables, group, codes, starts, count, step, h2, h3, most, y):
    _, o1, o2, o3 = y.shape
    total = np.empty(most * h3 + lanes, np.float32)
    for p1 in range(o1):
        for p2 in range(0, o2, most):
            rows = min(most, o2 - p2)
            begin = 4 * (p1 * h2 + p2) * h3
            for m in range(first, last):
                base = tables + m // per_group * group + begin
                summed((rows - 1) * h3 + o3, base, codes + m * count, starts, count, step, total.ctypes.data)
                for i in range(rows):
                    for j in range(o3):
                        y[m, p1, p2 + i, j] = total[i * h3 + j]
'''


def text(here: InstructionSet) -> str:
    """The program kernel(first, last, per_group, tables, group, codes, starts, count, step, h2, h3, most, y).

    y[m, p] = Σ_t tables[t, codes[m, t], p] for first ≤ m < last. Row v of table t begins starts[t] + v·step bytes
    behind `tables`, those of a group of per_group output channels `group` bytes behind the group's before. Rows hold
    windows as planes [h1, h2, h3] do, and are read up to a vector beyond the last one. codes: uint8 [M, count], an
    address.
    most: rows of windows that are summed up at a time.
    """
    return PROGRAM.format(name=here.name)


def rows(here: InstructionSet, vectors: int) -> Any:
    """tile(tables, codes, starts, count, step, y) for so many vectors of windows."""
    size, type = 4 * here.lanes, vector(F32, here.lanes)

    @intrinsic
    def tile(typingctx: Any, tables: Any, codes: Any, starts: Any, count: Any, step: Any, y: Any) -> Any:
        def emit(context: Any, b: ir.IRBuilder, signature: Any, arguments: Any) -> Any:
            tables, codes, starts, count, step, y = arguments
            tables, codes, starts, y = (pointer(b, address) for address in (tables, codes, starts, y))

            def one(t: Value, sums: list[Value]) -> list[Value]:
                code = b.zext(load(b, codes, I8, t, align=1), I64)
                start = load(b, starts, I64, b.mul(t, I64(8)), align=8)
                row = at(b, tables, b.add(start, b.mul(code, step)))
                return [b.fadd(total, load(b, row, type, size * v)) for v, total in enumerate(sums)]

            for v, total in enumerate(loop(b, I64(0), count, 1, [constant(type, 0.0)] * vectors, one)):
                store(b, total, y, size * v)
            return context.get_dummy_value()

        return types.void(*[types.intp] * 6), emit

    return tile
