"""Sparse direct convolution of float32: weights that are not zero, compiled into lists of distances and values.

The lists say for each output channel, chunk by chunk of planes, which vector of pixels a weight meets and what it is.
A chunk's part of a tile stays in the first-level cache while all output channels meet it.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray

from qref.conv.cost import Shapes
from qref.conv.geometry import Geometry
from qref.errors import BadTensor, Unsupported
from qref.kernels import instructions, program
from qref.kernels.conv import kernel
from qref.kernels.conv.kernel import Kernel, address, in_parts, in_space, in_three_dimensions, scratch, scratch_bytes
from qref.kernels.conv.operands import GROUP, beside, matched, set_of, weights
from qref.kernels.conv.segments import Segments, segments
from qref.kernels.instructions import InstructionSet
from qref.kernels.packed import Packed
from qref.kernels.tile import sparse
from qref.kernels.tile.float32 import Limits
from qref.kernels.tile.sparse import FOUR, Loops, Spread

CHUNK = 22 << 10
"""Bytes of pixels that a tile meets in a chunk: what stays in the first-level cache beside sums and lists."""
FARTHEST = 2**31 - 1
"""The largest distance in a list."""
LINE, SETS = 64, 64
"""Of the first-level cache: bytes of a line, and how many sets of lines it is made up of."""


def pack(w: NDArray[np.float32], geometry: Geometry) -> Packed:
    """w [M, C/G, k1, …] in compressed rows: `values`, `columns` (of C/G·k1·…) and `rows` [M + 1], where each begins.

    Which vectors of pixels they meet depends on the size of the image: the first run with a size makes the lists.

    Raises:
        Unsupported: weights are not of float32, or lie in more than three dimensions.
    """
    return compressed("sparse-direct", w, geometry)


def compressed(name: str, w: NDArray[np.float32], geometry: Geometry) -> Packed:
    """What `pack` returns, for the kernel of this name."""
    in_three_dimensions(geometry)
    matrix = kernel.float32(w).reshape(len(w), math.prod(w.shape[1:]))
    row, column = np.nonzero(matrix)
    arrays: dict[str, NDArray[Any]] = {
        "values": matrix[row, column],
        "columns": column.astype(np.int32),
        "rows": np.searchsorted(row, np.arange(len(w) + 1)),
    }
    return Packed(name, instructions.chosen().name, w.shape, arrays, {GROUP: geometry.group})


@dataclass(frozen=True, eq=False)
class Plan:
    """How images of one shape meet weights of one shape.

    chunk: planes of a chunk. plane: bytes from one to the next. parts: [M], output channels with the same number may
    change places in a chunk. scratch: the arrays of a workspace, in floats. spread, tiles: the two programs, and what
    they take last.
    """

    cut: Segments
    here: InstructionSet
    chunk: int
    chunks: int
    plane: int
    parts: NDArray[np.int64]
    scratch: dict[str, tuple[int, ...]]
    spread: tuple[Callable[..., None], tuple[NDArray[np.int64], ...]]
    tiles: tuple[Callable[..., None], tuple[NDArray[np.int64], ...]]


@lru_cache(maxsize=1024)
def plan(
    x: tuple[int, ...], w: tuple[int, ...], geometry: Geometry, here: InstructionSet, threads: int, *, matrix: bool
) -> Plan:
    """For images x = [N, C, D1, D2, D3], weights w [M, C/G, k1, …] and a result that is not empty.

    Raises:
        Unsupported: planes are too large for the lists' distances.
    """
    here = sparse.vectors_of(here)
    lanes, most = here.lanes, sparse.widest(here)
    cut = segments(x[2:], geometry, lanes, most, matrix=matrix)
    chunk, plane = chunk_of(cut, lanes)
    if chunk * plane > FARTHEST:
        raise Unsupported(f"planes of {plane} bytes: sparse kernels take up to {FARTHEST}")
    planes = w[1] * cut.planes
    chunks = max(-(-planes // chunk), 1)
    chunk = max(-(-planes // chunks), 1)
    spread = Spread(
        parts=threads,
        channels=x[1],
        planes=cut.planes,
        channel=4 * math.prod(x[2:]),
        step=4 * geometry.strides[2],
        line=4 * ((lanes - 1) * cut.segment + cut.vectors),
        plane=plane,
        segment=4 * cut.segment,
        vectors=cut.vectors,
    )
    line = 4 * lanes * -(-most // lanes)
    loops = Loops(
        parts=threads,
        tiles=len(cut.tiles),
        shares=1 if len(cut.tiles) >= threads else threads,
        groups=geometry.group,
        kernels=w[0] // geometry.group,
        chunks=chunks,
        chunk=chunk * plane,
        group=planes * plane,
        channel=4 * math.prod(geometry.output(x[2:])),
        sums=lanes * line,
        line=line,
    )
    return Plan(
        cut=cut,
        here=here,
        chunk=chunk,
        chunks=chunks,
        plane=plane,
        parts=parts(loops),
        scratch={
            "planes": (x[1] * cut.planes * plane // 4,),
            "lines": (threads * spread.line // 4,),
            "sums": (threads * (w[0] + sparse.BATCH) * loops.sums // 4,),
        },
        spread=(program.compiled(sparse.spread_text(lanes)), (cut.rows * (4, 4, 1), cut.firsts, spread.array())),
        tiles=(
            program.compiled(sparse.tiles_text(here, range(most, 0, -1))),
            (*tables(cut, lanes, line), loops.array()),
        ),
    )


def parts(loops: Loops) -> NDArray[np.int64]:
    """[M], which group and share an output channel belongs to, as a number."""
    M = loops.groups * loops.kernels
    shares = [M * i // loops.shares for i in range(loops.shares)]
    channels = np.arange(M)
    return channels // loops.kernels * loops.shares + np.searchsorted(shares, channels, "right")


def tables(cut: Segments, lanes: int, line: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Tiles: T, distance of the first vector, first and last piece; pieces: distances in a tile's lines and in the
    output, and how many floats. line: bytes of a segment's part of a tile.
    """
    firsts = np.searchsorted(cut.pieces[:, 0], np.arange(len(cut.tiles) + 1))
    tiles = [(length, 4 * lanes * begin, firsts[i], firsts[i + 1]) for i, (begin, length) in enumerate(cut.tiles)]
    _, segment, inside, output, count = cut.pieces.T
    pieces = np.column_stack([segment * line + 4 * inside, 4 * output, count])
    return np.array(tiles, np.int64), np.ascontiguousarray(pieces)


def chunk_of(cut: Segments, lanes: int) -> tuple[int, int]:
    """How many planes' parts of a tile fit into CHUNK, and the bytes from plane to plane.

    Planes stand so far apart that their parts spread evenly over the sets of the cache; an even power of two would put
    all on the same.
    """
    size, longest = 4 * lanes, max(length for _, length in cut.tiles)
    met = np.unique(cut.taps[:, 0, None] * cut.vectors + cut.taps[:, 1, None] + np.arange(longest))
    chunk = max(CHUNK * cut.planes // (size * len(met)), 1)
    within = np.unique(met % cut.vectors)

    def crowd(vectors: int) -> int:
        places = np.add.outer(np.arange(min(chunk, SETS)) * vectors, within) * size // LINE
        return int(np.bincount(places.ravel() % SETS).max())

    return chunk, size * min(range(cut.vectors, cut.vectors + LINE * SETS // size, max(LINE // size, 1)), key=crowd)


@dataclass(frozen=True, eq=False)
class Lists:
    """Weights as tiles meet them, chunk by chunk: the list of one output channel after the other.

    words: [2 · weights] of 4 bytes, see `qref.kernels.tile.sparse.FOUR`. order: [chunks·M], whose list it is; starts:
    [chunks·M + 1], and which weight is its first. Lists of equal length follow each other, so that the end of a loop
    can be foretold.
    """

    words: NDArray[np.int32]
    order: NDArray[np.int64]
    starts: NDArray[np.int64]


_lists: WeakKeyDictionary[Packed, dict[Plan, Lists]] = WeakKeyDictionary()
"""The lists of weights for the shapes of images that they have met."""


def lists(packed: Packed, found: Plan) -> Lists:
    """The weights in the order in which tiles meet them."""
    known = _lists.setdefault(packed, {})
    if found not in known:
        known[found] = listed(packed, found)
    return known[found]


def listed(packed: Packed, found: Plan) -> Lists:
    """Weights sorted by chunk, then by output channel. Raises BadTensor where arrays are none that `pack` makes."""
    M, taps = packed.shape[0], len(found.cut.taps)
    rows, values = weights(packed, "rows", 8 * (M + 1), "int64"), packed.arrays.get("values", np.empty(0))
    columns = weights(packed, "columns", 4 * values.size, "int32").astype(np.int64)
    if values.dtype != np.float32 or rows[0] or rows[-1] != len(columns) or (np.diff(rows) < 0).any():
        raise BadTensor(f"weights packed by {packed.kernel}: rows do not cut {len(columns)} values of {values.dtype}")
    if columns.size and not 0 <= columns.min() <= columns.max() < math.prod(packed.shape[1:]):
        raise BadTensor(f"weights packed by {packed.kernel}: columns beyond the {math.prod(packed.shape[1:])} of a row")
    plane, step = found.cut.taps[columns % taps].T
    unit = columns // taps * found.cut.planes + plane
    key = unit // found.chunk * M + np.repeat(np.arange(M), np.diff(rows))
    lengths = np.bincount(key, minlength=found.chunks * M)
    order = np.lexsort((lengths, np.tile(found.parts, found.chunks), np.arange(found.chunks * M) // M))
    starts = np.cumsum([0, *lengths[order]])
    by_list = np.argsort(np.argsort(order)[key], kind="stable")
    distance = (unit % found.chunk * found.plane + 4 * found.here.lanes * step)[by_list]
    value = values[by_list].view(np.int32)
    return Lists(words(distance, value, starts), order % M, starts)


def words(distance: NDArray[np.int64], value: NDArray[np.int32], starts: NDArray[np.int64]) -> NDArray[np.int32]:
    """Distances and values in their places: four of each in turn, then what is left of a list one by one."""
    lengths = np.diff(starts)
    first = np.repeat(starts[:-1], lengths)
    inside = np.arange(len(distance)) - first
    in_four = inside < np.repeat(lengths // FOUR * FOUR, lengths)
    place = 2 * first + np.where(in_four, inside // FOUR * 2 * FOUR + inside % FOUR, 2 * inside)
    found = np.empty(2 * len(distance), np.int32)
    found[place] = distance
    found[place + np.where(in_four, FOUR, 1)] = value
    return found


def run(
    x: NDArray[np.float32],
    packed: Packed,
    geometry: Geometry,
    threads: int = 1,
    *,
    bias: NDArray[np.float32] | None = None,
    limits: Limits | None = None,
    workspace: NDArray[np.uint8] | None = None,
    out: NDArray[np.float32] | None = None,
) -> NDArray[np.float32]:
    """min(max(x ∗ w + bias, low), high), x [N, C, D1, …], packed by `pack`, bias [M]. out: where the result goes.

    Raises:
        BadTensor, UsageError: operands that do not fit each other; see `qref.kernels.conv.operands`.
        Unsupported: another type; weights packed for another processor; planes are too large.
    """
    return convolved(x, packed, geometry, threads, bias, limits or Limits(), workspace, out, matrix=False)


def convolved(
    x: NDArray[np.float32],
    packed: Packed,
    geometry: Geometry,
    threads: int,
    bias: NDArray[np.float32] | None,
    limits: Limits,
    workspace: NDArray[np.uint8] | None,
    out: NDArray[np.float32] | None,
    *,
    matrix: bool,
) -> NDArray[np.float32]:
    """What `run` returns; matrix: by the column matrix."""
    matched(x.shape, packed.shape, geometry, threads)
    here = set_of(packed, geometry.group, "sparse-gemm" if matrix else "sparse-direct")
    M, image = packed.shape[0], x.shape[2:]
    y = kernel.result(out, (len(x), M, *kernel.output_space(geometry, image)), np.float32, x)
    bias = beside(bias, "bias", (M,), np.float32)
    if not y.size:
        return y
    x = np.require(kernel.float32(x), requirements=["C", "A"])
    lengths = (*x.shape[:2], *in_space(image))
    found = plan(lengths, packed.shape, in_three_dimensions(geometry), here, threads, matrix=matrix)
    of_weights, (spread, rows), (tiles, pieces) = lists(packed, found), found.spread, found.tiles
    arrays = scratch(workspace, found.scratch, np.float32)
    planes, lines, sums = (address(arrays[name]) for name in ("planes", "lines", "sums"))
    bias = np.zeros(M, np.float32) if bias is None else bias
    operands = planes, address(of_weights.words), address(bias), sums
    last = limits.low, limits.high, of_weights.order, of_weights.starts, *pieces
    for pixels, outputs in zip(x, y):
        in_parts(threads, threads, spread, address(pixels), lines, planes, *rows)
        in_parts(threads, threads, tiles, *operands, address(outputs), *last)
    return y


def workspace(shapes: Shapes, threads: int) -> int:
    """Bytes that `run` needs for images of these shapes."""
    return workspace_bytes(shapes, threads, matrix=False)


def workspace_bytes(shapes: Shapes, threads: int, *, matrix: bool) -> int:
    """What `workspace` returns; matrix: by the column matrix."""
    if min(shapes.output, default=0) <= 0:
        return 0
    lengths = (*shapes.x[:2], *in_space(shapes.image))
    here, geometry = instructions.chosen(), in_three_dimensions(shapes.geometry)
    return scratch_bytes(plan(lengths, shapes.w, geometry, here, threads, matrix=matrix).scratch, np.float32)


SPARSE_DIRECT = Kernel("sparse-direct", pack, run, workspace, places=True)
