"""The tile of windows: outputs of one channel, lanes along pixels, as depthwise convolution and pooling need them.

The channel lies in planes (`qref.kernels.conv.planes`), in which a tap of all windows is one constant step away: a
vector of outputs meets, for each tap, one vector of pixels. Several vectors are summed up at once, wherever they lie.
"""

from collections.abc import Callable
from enum import Enum
from typing import Any

from llvmlite import ir
from numba import types
from numba.extending import intrinsic

from qref.kernels.instructions import InstructionSet
from qref.kernels.ir import F32, I8, I64, Value, at, load, loop, multiply_add, pointer, slots, splat, store, vector
from qref.kernels.tile.float32 import held

VECTORS, FEW = 8, 4
"""Vectors of outputs at a time, and where fewer are left: their number is made a multiple of these."""


class Kind(Enum):
    """What is made of the pixels under a window: a sum of products, with a residual or not, a mean, a maximum."""

    SUM = "sum"
    SUM_AND_RESIDUAL = "sum and residual"
    MEAN = "mean"
    MAXIMUM = "maximum"

    @property
    def weighted(self) -> bool:
        """Whether pixels are multiplied by weights, and a bias added."""
        return self in (Kind.SUM, Kind.SUM_AND_RESIDUAL)


PROGRAM = '''"""A program of qref.kernels; qref/kernels/tile/windows.py says what it is."""

from numba import float32, int64, njit, types, void

from qref.kernels.conv.planes import fill
from qref.kernels.instructions.table import named
from qref.kernels.tile.windows import FEW, VECTORS, Kind, tile

several = tile({kind}, named("{name}"), VECTORS)
few = tile({kind}, named("{name}"), FEW)


@njit(
    void(int64, int64, int64, types.Array(float32, 4, "C", readonly=True, aligned=False), int64[:, :, ::1],
         int64[::1], float32[:, ::1], int64[:, ::1], int64[::1], int64, int64, int64, int64, int64, int64),
    cache=True, nogil=True,
)
def kernel(first, last, parts, x, borders, lengths, planes, places, sizes, taps, w, bias, limits, beside, y):
    outputs, channels, pixels, beside_step, left, count = (sizes[0], sizes[1], sizes[2], sizes[3], sizes[4], sizes[5])
    where = places.ctypes.data
    for part in range(first, last):
        plane = planes[part, : lengths[0] * lengths[1] * lengths[2] * lengths[3]]
        phases = plane.reshape((lengths[0], lengths[1], lengths[2], lengths[3]))
        begin = plane.ctypes.data
        for c in range(x.shape[0] * part // parts, x.shape[0] * (part + 1) // parts):
            fill(x[c], borders, phases)
            for o in range(c * outputs, (c + 1) * outputs):
                weights, start = w + 4 * count * (o % channels), bias + 4 * (o % channels)
                other, to = beside + beside_step * o, y + 4 * pixels * o
                i = 0
                while i < places.shape[0]:
                    here = where + 16 * i
                    if places.shape[0] - i >= VECTORS:
                        several(begin, weights, taps, count, here, start, limits, other, to, left)
                        i += VECTORS
                    else:
                        few(begin, weights, taps, count, here, start, limits, other, to, left)
                        i += FEW
'''
"""kernel(first, last, parts, …): the outputs of some of `parts` parts of the channels of x [channels, D1, D2, D3].

borders, taps: of `qref.kernels.conv.planes`, taps in bytes. lengths: phases, h1, h2, h3. planes: for each part, filled
with what a pixel beside the image is, and room for a vector after them. places [n, 2]: of each vector of outputs, in
bytes in the planes and in y. sizes: channels of outputs of a channel; after how many of them weights and bias begin
again; outputs of a channel; bytes to the next channel in `beside`; outputs that a vector stores; taps.
taps, w, bias, limits, beside, y: addresses. beside: the residual, or by how much sums are divided.
"""


def text(kind: Kind, here: InstructionSet) -> str:
    """The program of a kind of tile."""
    return PROGRAM.format(kind=kind, name=here.name)


def tile(kind: Kind, here: InstructionSet, count: int) -> Any:
    """A tile of so many vectors, to be called as the program does."""
    type = vector(F32, here.lanes)

    @intrinsic
    def windows(
        typingctx: Any, plane: Any, w: Any, taps: Any, number: Any, places: Any, bias: Any, limits: Any, beside: Any,
        y: Any, left: Any,
    ) -> Any:  # fmt: skip
        def emit(context: Any, b: ir.IRBuilder, signature: Any, arguments: Any) -> Any:
            plane, w, taps, _, places, bias, limits, beside, y, _ = (pointer(b, address) for address in arguments)
            number, left = arguments[3], arguments[9]
            pixels, outputs = [], []
            for i in range(count):
                pixels.append(at(b, plane, load(b, places, I64, 16 * i, 8)))
                outputs.append(load(b, places, I64, 16 * i + 8, 8))
            begin = start(b, kind, here, bias)

            def tap(t: Value, sums: list[Value]) -> list[Value]:
                step = load(b, taps, I64, b.mul(t, I64(8)), 8)
                weight = splat(b, load(b, w, F32, b.mul(t, I64(4))), here.lanes) if kind.weighted else None
                return [added(b, kind, load(b, at(b, p, step), type), weight, s) for p, s in zip(pixels, sums)]

            sums = loop(b, I64(0), number, 1, [begin] * count, tap)
            ends = [load(b, limits, F32, 4 * i) for i in range(2)] if kind.weighted else []

            def end(value: Value, offset: Value) -> Value:
                if kind in (Kind.SUM_AND_RESIDUAL, Kind.MEAN):
                    other = load(b, at(b, beside, offset), value.type)
                    value = b.fdiv(value, other) if kind is Kind.MEAN else b.fadd(value, other)
                return held(b, value, *ends) if kind.weighted else value

            with b.if_else(b.icmp_signed(">=", left, I64(here.lanes))) as (all_of_it, some):
                with all_of_it:
                    for value, offset in zip(sums, outputs):
                        store(b, end(value, offset), at(b, y, offset))
                with some:
                    some_lanes(b, sums, outputs, left, end, y)
            return context.get_dummy_value()

        return types.void(*[types.intp] * 10), emit

    return windows


def start(b: ir.IRBuilder, kind: Kind, here: InstructionSet, bias: Value) -> Value:
    """What a vector of outputs begins with."""
    if kind.weighted:
        return splat(b, load(b, bias, F32), here.lanes)
    return ir.Constant(vector(F32, here.lanes), [float("-inf") if kind is Kind.MAXIMUM else 0.0] * here.lanes)


def added(b: ir.IRBuilder, kind: Kind, pixels: Value, weight: Value | None, sums: Value) -> Value:
    """The outputs with one more tap."""
    if kind.weighted:
        return multiply_add(b, pixels, weight, sums)
    if kind is Kind.MAXIMUM:
        return b.select(b.fcmp_ordered(">", pixels, sums), pixels, sums)
    return b.fadd(sums, pixels)


def some_lanes(
    b: ir.IRBuilder,
    sums: list[Value],
    outputs: list[Value],
    left: Value,
    end: Callable[[Value, Value], Value],
    y: Value,
) -> None:
    """Stores the first `left` lanes of each vector, in pieces that are powers of two."""
    for slot, offset in zip(slots(b, sums, 4), outputs):
        kept = b.bitcast(slot, ir.PointerType(I8))
        length = sums[0].type.count // 2
        while length:
            with b.if_then(b.icmp_signed("!=", b.and_(left, I64(length)), I64(0))):
                done = b.mul(b.and_(left, I64(-2 * length)), I64(4))
                place = b.add(offset, done)
                piece = load(b, kept, vector(F32, length) if length > 1 else F32, done)
                store(b, end(piece, place), at(b, y, place))
            length //= 2
