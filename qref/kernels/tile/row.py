"""One row times a matrix in panels: several panels at a time, so that no sum waits for the one before.

With one pixel a tile has too few sums at work to take weights from memory as fast as they come.
"""

from typing import Any

from llvmlite import ir
from numba import types
from numba.extending import intrinsic

from qref.kernels.instructions import InstructionSet
from qref.kernels.ir import F32, I64, Value, at, load, loop, multiply_add, pointer, splat, store, vector

PANELS = 4

PROGRAM = '''"""A program of qref.kernels; qref/kernels/tile/row.py says what it is."""

from numba import int64, njit, void

from qref.kernels.instructions.table import named
from qref.kernels.tile.row import PANELS, panels

several = panels(named("{name}"), PANELS)
one = panels(named("{name}"), 1)


@njit(void(int64, int64, int64, int64, int64, int64, int64, int64), cache=True, nogil=True)
def kernel(first, last, x, w, y, words, split, width):
    length = 4 * words * width
    place = first
    while place < last:
        together = PANELS if last - place >= PANELS else 1
        for k in range(0, words, split):
            here, weights, count = x + 4 * k, w + place * length + 4 * k * width, min(split, words - k)
            if together == PANELS:
                several(here, weights, length, count, y + 4 * place * width)
            else:
                one(here, weights, length, count, y + 4 * place * width)
        place += together
'''


def text(here: InstructionSet) -> str:
    """The program kernel(first, last, x, w, y, words, split, width): y[p] += x·w[p] for panels first ≤ p < last.

    x: [words]. w: [panels, words, width], y: [panels, width], addresses of float32. Sums are split after `split` words.
    """
    return PROGRAM.format(name=here.name)


def panels(here: InstructionSet, count: int) -> Any:
    """sums(x, w, length, words, y): y[p] += x·w[p] for `count` panels, which lie `length` bytes apart."""
    lanes, size = here.lanes, 4 * here.lanes
    of_panel = here.vectors * size

    @intrinsic
    def sums(typingctx: Any, x: Any, w: Any, length: Any, words: Any, y: Any) -> Any:
        def emit(context: Any, b: ir.IRBuilder, signature: Any, arguments: Any) -> Any:
            x, w, length, words, y = arguments
            x, w, y = (pointer(b, address) for address in (x, w, y))
            type = vector(F32, lanes)

            def word(k: Value, acc: list[Value]) -> list[Value]:
                factor = splat(b, load(b, x, F32, b.mul(k, I64(4))), lanes)
                here = at(b, w, b.mul(k, I64(of_panel)))
                for p in range(count):
                    panel = at(b, here, b.mul(length, I64(p))) if p else here
                    for v in range(len(acc) // count):
                        i = p * (len(acc) // count) + v
                        acc[i] = multiply_add(b, factor, load(b, panel, type, v * size), acc[i])
                return acc

            zeros = [ir.Constant(type, [0.0] * lanes)] * (count * of_panel // size)
            found = loop(b, I64(0), words, 1, zeros, word)
            for i, total in enumerate(found):
                store(b, b.fadd(load(b, y, type, i * size), total), y, i * size)
            return context.get_dummy_value()

        return types.void(*[types.intp] * 5), emit

    return sums
