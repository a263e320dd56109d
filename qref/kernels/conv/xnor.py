"""Binary convolution by register tiles: exclusive or, count of bits; any geometry, NCHW and NHWC in and out.

Two tiles: words of 32 channels where an instruction counts the bits of a vector (AVX-512 VPOPCNTDQ, NEON), and tables
of counts where bytes are looked up instead (AVX2, AVX-512 without it). The first takes the image as bits, the second
takes tables made from the bits; both lie in the workspace. A tap beside the image has no sign and counts nothing.
"""

import math
from collections.abc import Callable
from dataclasses import astuple, dataclass, replace
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qref.conv.cost import Shapes
from qref.conv.geometry import Geometry
from qref.errors import Unsupported, UsageError
from qref.kernels import instructions, program
from qref.kernels.conv import signs
from qref.kernels.conv.blocking import blocking
from qref.kernels.conv.float32_direct import space_of
from qref.kernels.conv.kernel import (
    DIMENSIONS,
    LINE,
    Kernel,
    address,
    enough,
    in_parts,
    in_space,
    in_three_dimensions,
    result,
)
from qref.kernels.conv.operands import GROUP, matched, set_of, weights
from qref.kernels.instructions import InstructionSet, named
from qref.kernels.layout import NCHW, Layout
from qref.kernels.packed import Packed
from qref.kernels.tile import program as tile_program
from qref.kernels.tile import tables
from qref.kernels.tile.binary_tables import CHUNK, LONGEST, SHORT, PairSteps, PairTile
from qref.kernels.tile.lookup import TABLE
from qref.kernels.tile.popcount import by_tables
from qref.kernels.tile.program import Sizes
from qref.kernels.tile.signs import WORD

OWN_PROGRAM = 1 << 26
"""Multiplications from which on a layer gets a program of its own."""
PAIRS = 4
"""Pairs of pixels of a tile that looks up, with one vector of output channels: two sums each."""
NONE = 128
"""A weight that looks up 0."""
VECTORS = 1
"""Of output channels, of a tile of words: more pixels serve better, as an exclusive or broadcasts a pixel by itself."""
WORDS_IMPORTS = (
    "from qref.kernels.instructions.table import named",
    "from qref.kernels.tile.binary import tile",
    "from qref.kernels.tile.register_tile import RegisterTile",
    "from qref.kernels.tile.steps import Steps",
)
TABLES_IMPORTS = (
    "from qref.kernels.instructions.table import named",
    "from qref.kernels.tile.binary_tables import PairSteps, PairTile, tile",
)


def pack(w: NDArray[Any], geometry: Geometry) -> Packed:
    """w [M, C/G, k1, …] of signs as `w`, flat, in the order in which tiles meet them; zeros for channels that lack.

    Where bits are counted in words: [G, K/k_b, k1·k2, k3, ⌈C/32⌉, k_b] of 32 input channels each.

    Where they are looked up: bytes [G, K/k_b, k1·k2, runs, chunks, 3, k_b] of four input channels each. A run is a row
    of taps, so ⌈k3·⌈C/4⌉/3⌉ chunks, or one tap of it where there is a dilation. Of the k_b output channels, the first
    half are the even bytes. 128, which looks up 0, fills the last chunk up. The number `tables` is that of runs; 0
    where words are counted.

    Raises:
        Unsupported: weights that are no real numbers, more than three dimensions of space.
    """
    here, inner, G = instructions.chosen(), in_three_dimensions(geometry), geometry.group
    M, C = w.shape[0] // G, w.shape[1]
    tabled, runs = by_tables(here), 0
    k_b = block(here, tabled)
    K, unit = -(-M // k_b), 4 if tabled else WORD
    words = -(-C // unit)
    filled = np.zeros((G, K * k_b, words * unit, *inner.kernel), np.bool_)
    filled[:, :M, :C] = (signs.real(w) > 0).reshape(G, M, C, *inner.kernel)
    k1, k2, k3 = inner.kernel
    of_words = filled.reshape(G, K, k_b, words, unit, k1 * k2, k3).transpose(0, 1, 5, 6, 3, 2, 4)
    packed = np.packbits(of_words, axis=-1, bitorder="little")  # G, K, rows, taps, words, k_b, bytes
    if tabled:
        runs, chunks = runs_of(inner, words)
        of_runs = np.full((G, K, k1 * k2, runs, chunks * CHUNK, k_b), NONE, np.uint8)
        of_runs[..., : k3 * words // runs, :] = packed.reshape(G, K, k1 * k2, runs, k3 * words // runs, k_b)
        data = np.ascontiguousarray(of_runs.reshape(-1, 2, k_b // 2).swapaxes(1, 2))
    else:
        data = np.ascontiguousarray(packed)
    return Packed("xnor", here.name, w.shape, {"w": data.reshape(-1)}, {"tables": runs, GROUP: G})


def block(here: InstructionSet, tabled: bool) -> int:
    """Output channels of a tile."""
    return 4 * here.lanes if tabled else VECTORS * here.lanes


def runs_of(inner: Geometry, nibbles: int) -> tuple[int, int]:
    """How many runs of tables a row of taps is, and of how many chunks of look-ups each."""
    runs = 1 if inner.dilations[2] == 1 else inner.kernel[2]
    return runs, -(-(inner.kernel[2] // runs * nibbles) // CHUNK)


@dataclass(frozen=True, eq=False)
class Plan:
    """A program, and what it takes after the addresses of the operands; for one shape of the input.

    rows, numbers: what the first two of `arguments` are the addresses of. y: the output, in three dimensions of space.
    items: of the program. weights: bytes of what is packed. bits, tables: bytes of both; 0 where no tables are needed,
    else table_rows and table_arguments are of the program that makes them, and a row of taps is so many runs.
    """

    kernel: Callable[..., Any]
    arguments: tuple[Any, ...]
    rows: NDArray[np.int64]
    numbers: NDArray[np.int64]
    items: int
    y: tuple[int, ...]
    weights: int
    bits: int
    tables: int = 0
    table_rows: int = 0
    table_arguments: tuple[int, ...] = ()
    runs: int = 0

    @property
    def workspace(self) -> int:
        """Bytes: bits, and tables after them, on cache lines."""
        return on_a_line(self.bits) + self.tables + LINE


@lru_cache(maxsize=1024)
def plan(x: tuple[int, ...], w: tuple[int, ...], geometry: Geometry, set_name: str, tabled: bool, out: Layout) -> Plan:
    """For images of lengths x = [N, C, D1, …], whatever their layout, and weights w [M, C/G, k1, …]."""
    inner, image = in_three_dimensions(geometry), in_space(x[2:])
    make = plan_of_tables if tabled else plan_of_words
    return make(x[0], image, w, inner, named(set_name), out)


def plan_of_words(
    N: int, image: tuple[int, ...], w: tuple[int, ...], inner: Geometry, here: InstructionSet, out: Layout
) -> Plan:
    """Words of 32 channels, in planes of pixels: the image of bits is one of NCHW, with words for channels."""
    C = w[1]
    words = -(-C // WORD)
    laid = (N, inner.group * words, *image)
    of_words, narrow, own = (w[0], words, *inner.kernel), replace(here, vectors=VECTORS), OWN_PROGRAM // WORD
    found = blocking(laid, of_words, inner, narrow, (NCHW, out), here.pixels, max(words, 1), own=own)
    tiles = [f'tile({one}, named("{here.name}"), {C if found.known else 0}, {found.known})' for one in found.tiles]
    return made(
        tile_program.text(WORDS_IMPORTS, tiles),
        found.lines,
        found.table(),
        np.array([*astuple(found.steps), C], np.int64),
        found.sizes,
        out.shape(N, w[0], inner.output(image)),
        4 * words * math.prod(inner.kernel),
        4 * math.prod(laid),
    )


def plan_of_tables(
    N: int, image: tuple[int, ...], w: tuple[int, ...], inner: Geometry, here: InstructionSet, out: Layout
) -> Plan:
    """Tables of four channels, of pair after pair of pixels; columns beside the image are there too."""
    M, C, G, k_b = w[0] // inner.group, w[1], inner.group, block(here, True)
    nibbles, space = -(-C // 4), inner.output(image)
    half = -(-space[2] // 2)
    stride, dilation, taps = inner.strides[2], inner.dilations[2], inner.kernel[2]
    columns = (half - 1) * stride + (taps - 1) * dilation + 1
    pixel = nibbles * TABLE
    axes = (pixel * columns * image[1], pixel * columns)
    runs_of_row, chunks = runs_of(inner, nibbles)
    parts = max(-(-chunks // LONGEST), 1)
    y_steps = out.steps(w[0], space)
    steps = PairSteps(
        run=pixel * dilation,
        pair=pixel * stride,
        runs=runs_of_row,
        rows=math.prod(inner.kernel[:2]),
        chunks=chunks,
        block_chunks=-(-chunks // parts),
        channels=C,
        y_pixel=4 * y_steps.space[2],
        y_channel=4 * y_steps.channel,
        y_second=4 * y_steps.space[2] * half,
    )
    like = PairTile(1, 1, 1, math.prod(w[1:]) >= SHORT, partial=True, planes=not out.last)
    if small(N, space, w):
        tiles, runs = pairs_told(space[2], like)
        known = None
    else:
        tiles, runs = pairs_compiled_in(space[2], replace(like, partial=M % k_b > 0))
        known = steps
    entries = [(kind, 1, pair * steps.pair, pair * steps.y_pixel, 0, 0, pair, 0, 0) for kind, pair in runs]
    taps_of_pixels = [last - first for first, last in tables.spans(inner, image[2])] + [0]
    spans = [taps_of_pixels[i] for pair in range(half) for i in (pair, min(pair + half, space[2]))]
    of_images = axes[0] * image[0]
    sizes = Sizes(
        lines=math.prod(space[:2]),
        blocks=-(-M // k_b),
        groups=G,
        kernels=M,
        block=k_b,
        x_group=of_images,
        x_image=of_images * G,
        w_block=steps.rows * runs_of_row * chunks * CHUNK * k_b,
        y_part=1,
        y_channel=4 * y_steps.channel,
        y_parts=4 * y_steps.channel,
        y_line=4 * y_steps.space[1],
        y_image=4 * y_steps.image,
    )
    words = -(-C // WORD)
    lines = tables.lines(inner, image, (*axes, 0))
    if C == 0:
        lines.table[:, 1] = 0
    rows = N * G * image[0] * image[1]
    apart = half * stride
    return made(
        tile_program.text(TABLES_IMPORTS, [f'tile({one}, named("{here.name}"), {known})' for one in tiles]),
        lines,
        np.array(entries, np.int64).reshape(-1, tile_program.RUN),
        np.array([*astuple(steps), *spans], np.int64),
        sizes,
        out.shape(N, w[0], space),
        steps.rows * runs_of_row * chunks * CHUNK,
        rows * image[2] * words * 4,
        rows * columns * pixel + (CHUNK - 1) * TABLE,  # the last chunk of the last run looks beyond it
        rows,
        (image[0] * image[1], image[2], inner.pads_begin[2], apart, columns, words, nibbles),
        runs_of_row,
    )


def small(N: int, space: tuple[int, ...], w: tuple[int, ...]) -> bool:
    """Whether the program for all geometries will do."""
    return N * math.prod(space) * math.prod(w) < OWN_PROGRAM


def made(
    text: str,
    lines: tables.Lines,
    runs: NDArray[np.int64],
    numbers: NDArray[np.int64],
    sizes: Sizes,
    y: tuple[int, ...],
    kernel: int,
    *of_input: Any,
) -> Plan:
    """The plan of a program's text and tables. kernel: bytes of the weights of one output channel."""
    arguments = (lines.rows.ctypes.data, numbers.ctypes.data, lines.table, runs, sizes.array())
    items = y[0] * sizes.groups * sizes.blocks * sizes.lines
    y, size = tuple(max(n, 0) for n in y), sizes.channels * kernel
    return Plan(program.compiled(text), arguments, lines.rows, numbers, items, y, size, *of_input)


Pairs = tuple[list[PairTile], list[tuple[int, int]]]
"""Tiles, and where they stand: which, and its first pair."""


def pairs_compiled_in(width: int, like: PairTile) -> Pairs:
    """A row of so many pixels cut evenly into tiles of pairs."""
    half = -(-width // 2)
    tiles: list[PairTile] = []
    runs: list[tuple[int, int]] = []
    pair = 0
    for length in tables.evenly(half, PAIRS):
        tile = replace(like, pairs=length, second=min(length, width - half - pair))
        if tile not in tiles:
            tiles.append(tile)
        runs.append((tiles.index(tile), pair))
        pair += length
    return tiles, runs


def pairs_told(width: int, like: PairTile) -> Pairs:
    """Tiles for every width: PAIRS pairs, or a power of two below, and one alone that lacks its second pixel."""
    lengths = [1 << i for i in reversed(range(PAIRS.bit_length()))]
    tiles = [replace(like, pairs=length, second=length) for length in lengths] + [replace(like, pairs=1, second=0)]
    runs: list[tuple[int, int]] = []
    pair = 0
    for kind, length in enumerate(lengths):
        while width // 2 - pair >= length:
            runs.append((kind, pair))
            pair += length
    if width % 2:
        runs.append((len(lengths), pair))
    return tiles, runs


def run(
    x: NDArray[Any],
    packed: Packed,
    geometry: Geometry,
    threads: int = 1,
    *,
    workspace: NDArray[np.uint8] | None = None,
    layouts: tuple[Layout, Layout] = (NCHW, NCHW),
    out: NDArray[np.int32] | None = None,
) -> NDArray[np.int32]:
    """y [N, M, o1, …] of signs x [N, C, D1, …]; both in the order of their layouts, NCHW or NHWC.

    Args:
        packed: by `pack`. workspace: bytes as `workspace` says. out: where the result goes.

    Raises:
        BadTensor, UsageError: operands that do not fit each other; see `qref.kernels.conv.operands`. Weights in runs of
            tables that another dilation takes.
        Unsupported: images that are no real numbers; weights packed for another processor; more than three dimensions
            of space; a blocked layout.
    """
    into, laid = layouts
    for one in layouts:
        if one.blocked:
            raise Unsupported(f"signs in {one.name}: take NCHW or NHWC")
    matched(signs.real(x).shape, packed.shape, geometry, threads, into)
    here, image = set_of(packed, geometry.group, "xnor"), space_of(x, into)
    volume = (len(x), packed.shape[1] * geometry.group, *image)
    found = plan(volume, packed.shape, geometry, here.name, by_tables(here), laid)
    runs = packed.numbers.get("tables", "an unknown number of")
    if runs != found.runs:
        raise UsageError(f"weights in {runs} runs of tables: here this geometry takes {found.runs}; pack them for it")
    leading = 1 if laid.last else 2
    y = result(out, (*found.y[:leading], *found.y[leading + DIMENSIONS - len(image) :]), np.int32)
    if not y.size:
        return y
    w = weights(packed, "w", found.weights, "uint8")
    room = enough(workspace, found.workspace)
    begin = address(room)
    begin += -begin % LINE
    signs.write(x, into, geometry.group, begin, here.lanes, threads)
    convolve(begin, w, found, y, threads)
    return y


def convolve(bits: int, w: NDArray[np.uint8], found: Plan, y: NDArray[np.int32], threads: int) -> None:
    """Fills y from the image as bits, where the workspace begins."""
    x = bits
    if found.tables:
        x = bits + on_a_line(found.bits)
        more = (bits, x, signs.counts_address(), *found.table_arguments)
        in_parts(found.table_rows, threads, signs.tables_program(), *more)
    addresses = (x, address(w), 0, 0, 0, address(y))
    in_parts(found.items, threads, found.kernel, *addresses, *found.arguments)


def on_a_line(size: int) -> int:
    """Bytes in whole cache lines."""
    return -(-size // LINE) * LINE


def workspace(shapes: Shapes, threads: int) -> int:
    """Bytes that `run` takes, for the instruction set that is chosen."""
    here = instructions.chosen()
    return plan(shapes.x, shapes.w, shapes.geometry, here.name, by_tables(here), NCHW).workspace


XNOR = Kernel("xnor", pack, run, workspace, places=True)
