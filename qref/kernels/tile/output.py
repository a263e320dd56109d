"""The end of a tile: sums to memory, as planes of pixels (NCHW) or as pixels of channels (NHWC, NCHW32c)."""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext

from llvmlite import ir

from qref.kernels.ir import F32, I64, Value, at, declared, lanes_from, load, loop, slots, store, transposed, undefined
from qref.kernels.tile.register_tile import RegisterTile
from qref.kernels.tile.steps import OutputSteps

End = Callable[[ir.IRBuilder, Value, Value], Value]
"""end(b, sums, p): what is stored at p for these sums, a vector or one alone; of which type, is its affair."""


def output(
    b: ir.IRBuilder,
    tile: RegisterTile,
    steps: OutputSteps,
    sums: Sequence[Value],
    end: End,
    y: Value,
    left: Value,
    masked: bool = False,
) -> None:
    """Stores P·V vectors of sums, by pixel and vector. left: output channels that exist, of those that the tile has.

    masked: pixels of a plane that make no power of two are stored at once, by a mask; the end reads nothing at p.
    """
    if tile.planes:
        planes(b, tile, steps, sums, end, y, left, masked)
    else:
        pixels(b, tile, steps, sums, end, y, left)


def planes(
    b: ir.IRBuilder,
    tile: RegisterTile,
    steps: OutputSteps,
    sums: Sequence[Value],
    end: End,
    y: Value,
    left: Value,
    masked: bool,
) -> None:
    """Each channel's pixels lie side by side: vectors of channels are transposed to vectors of pixels."""
    lanes = sums[0].type.count
    for v in range(tile.vectors):
        for first in range(0, tile.pixels, lanes):
            some = [sums[p * tile.vectors + v] for p in range(first, min(first + lanes, tile.pixels))]
            for k, row in enumerate(transposed(b, some)):
                channel = I64(v * lanes + k)
                with exists(b, tile, channel, left):
                    p = at(b, at(b, y, b.mul(channel, steps.y_channel)), b.mul(I64(first), steps.y_pixel))
                    pieces = powers_of_two(len(some))
                    if masked and len(pieces) > 1:
                        store_first(b, end(b, row, p), len(some), p)
                        continue
                    for start, piece in pieces:
                        place = at(b, p, b.mul(I64(start), steps.y_pixel)) if start else p
                        store(b, end(b, part(b, row, start, piece), place), place, align=1)


def pixels(
    b: ir.IRBuilder, tile: RegisterTile, steps: OutputSteps, sums: Sequence[Value], end: End, y: Value, left: Value
) -> None:
    """Each pixel's channels lie side by side; where some of them may not exist, they are stored one by one."""
    lanes, element = sums[0].type.count, sums[0].type.element
    size = 4 if element == F32 else element.width // 8
    for p in range(tile.pixels):
        place, some = at(b, y, b.mul(I64(p), steps.y_pixel)), sums[p * tile.vectors : (p + 1) * tile.vectors]
        if not tile.partial:
            for v, vector in enumerate(some):
                q = at(b, place, b.mul(I64(v * lanes), steps.y_channel))
                store(b, end(b, vector, q), q, align=1)
            continue
        for v, slot in enumerate(slots(b, some, size)):
            kept = b.bitcast(slot, ir.PointerType(ir.IntType(8)))
            last = b.sub(left, I64(v * lanes))
            last = b.select(b.icmp_signed("<", last, I64(lanes)), last, I64(lanes))

            def one(k: Value, _: list[Value], kept: Value = kept, v: int = v, place: Value = place) -> list[Value]:
                q = at(b, place, b.mul(b.add(k, I64(v * lanes)), steps.y_channel))
                store(b, end(b, load(b, kept, element, b.mul(k, I64(size)), size), q), q, align=1)
                return []

            loop(b, I64(0), last, 1, [], one)


def exists(b: ir.IRBuilder, tile: RegisterTile, channel: Value, left: Value) -> AbstractContextManager[None]:
    """A block of code that runs where the channel exists."""
    return b.if_then(b.icmp_signed("<", channel, left)) if tile.partial else nullcontext()


def powers_of_two(count: int) -> list[tuple[int, int]]:
    """Pieces (first, length) that make up count, the longest first: masked stores are slow before AVX-512."""
    pieces, done = [], 0
    while done < count:
        length = 1 << (count - done).bit_length() - 1
        pieces.append((done, length))
        done += length
    return pieces


def store_first(b: ir.IRBuilder, vector: Value, count: int, p: Value) -> None:
    """Puts the first lanes of a vector at p, by a mask."""
    lanes, to, element = vector.type.count, ir.PointerType(vector.type), vector.type.element
    name = f"llvm.masked.store.v{lanes}{'f32' if element == F32 else element}.p0"
    mask = ir.Constant(ir.VectorType(ir.IntType(1), lanes), [int(i < count) for i in range(lanes)])
    f = declared(b, name, ir.VoidType(), [vector.type, to, ir.IntType(32), mask.type])
    b.call(f, [vector, b.bitcast(p, to), ir.IntType(32)(1), mask])


def part(b: ir.IRBuilder, vector: Value, first: int, count: int) -> Value:
    """Some lanes of a vector, side by side; one alone as a scalar."""
    if count == 1:
        return b.extract_element(vector, ir.IntType(32)(first))
    if count == vector.type.count:
        return vector
    return b.shuffle_vector(vector, undefined(vector.type), lanes_from(first, count))
