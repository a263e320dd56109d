"""Binary convolution by register tiles: exclusive or, count of bits; any geometry, from signs or from bits.

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
from qref.kernels import instructions, program
from qref.kernels.conv import signs
from qref.kernels.conv.kernel import LINE, Kernel, address, in_parts, in_space, in_three_dimensions, scratch
from qref.kernels.instructions import InstructionSet, named
from qref.kernels.layout import NCHW, Layout
from qref.kernels.packed import Packed
from qref.kernels.tile import program as tile_program
from qref.kernels.tile import tables
from qref.kernels.tile.binary_tables import CHUNK, LONGEST, SHORT, PairSteps, PairTile
from qref.kernels.tile.lookup import TABLE
from qref.kernels.tile.popcount import by_tables
from qref.kernels.tile.program import Sizes
from qref.kernels.tile.register_tile import RegisterTile
from qref.kernels.tile.signs import WORD
from qref.kernels.tile.steps import Steps

OWN_PROGRAM = 1 << 26
"""Multiplications from which on a layer gets a program of its own."""
PAIRS = 4
"""Pairs of pixels of a tile that looks up, with one vector of output channels: two sums each."""
NONE = 128
"""A weight that looks up 0."""
FEW = 4
"""Words that are unrolled over."""
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
    half are the even bytes. 128, which looks up 0, fills the last chunk up.
    """
    here, inner, G = instructions.chosen(), in_three_dimensions(geometry), geometry.group
    M, C = w.shape[0] // G, w.shape[1]
    tabled = by_tables(here)
    k_b = block(here, tabled)
    K, unit = -(-M // k_b), 4 if tabled else WORD
    words = -(-C // unit)
    filled = np.zeros((G, K * k_b, words * unit, *inner.kernel), np.bool_)
    filled[:, :M, :C] = (w > 0).reshape(G, M, C, *inner.kernel)
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
    return Packed("xnor", here.name, w.shape, {"w": data.reshape(-1)}, {"tables": int(tabled)})


def block(here: InstructionSet, tabled: bool) -> int:
    """Output channels of a tile."""
    return 4 * here.lanes if tabled else here.vectors * here.lanes


def runs_of(inner: Geometry, nibbles: int) -> tuple[int, int]:
    """How many runs of tables a row of taps is, and of how many chunks of look-ups each."""
    runs = 1 if inner.dilations[2] == 1 else inner.kernel[2]
    return runs, -(-(inner.kernel[2] // runs * nibbles) // CHUNK)


@dataclass(frozen=True, eq=False)
class Plan:
    """A program, and what it takes after the addresses of the operands; for one shape of the input.

    rows, numbers: what the first two of `arguments` are the addresses of. y: the output. items: of the program. bits,
    tables: bytes of both; 0 where no tables are needed, else table_rows and table_arguments are of the program that
    makes them.
    """

    kernel: Callable[..., Any]
    arguments: tuple[Any, ...]
    rows: NDArray[np.int64]
    numbers: NDArray[np.int64]
    items: int
    y: tuple[int, ...]
    bits: int
    tables: int = 0
    table_rows: int = 0
    table_arguments: tuple[int, ...] = ()

    @property
    def workspace(self) -> int:
        """Bytes: bits, and tables after them, on cache lines."""
        return on_a_line(self.bits) + self.tables + LINE


@lru_cache(maxsize=1024)
def plan(x: tuple[int, ...], w: tuple[int, ...], geometry: Geometry, set_name: str, tabled: bool, out: Layout) -> Plan:
    """For images of lengths x = [N, C, D1, …] and weights w [M, C/G, k1, …]."""
    inner, image = in_three_dimensions(geometry), in_space(x[2:])
    make = plan_of_tables if tabled else plan_of_words
    return make(x[0], image, w, inner, named(set_name), out)


def sizes(w: tuple[int, ...], inner: Geometry, out: Layout, space: tuple[int, ...], k_b: int) -> Sizes:
    """Of the output; what depends on the input and the weights is 0."""
    M, y_steps = w[0] // inner.group, out.steps(w[0], space)
    return Sizes(
        lines=math.prod(space[:2]),
        blocks=-(-M // k_b),
        groups=inner.group,
        kernels=M,
        block=k_b,
        x_group=0,
        x_image=0,
        w_block=0,
        y_part=1,
        y_channel=4 * y_steps.channel,
        y_parts=4 * y_steps.channel,
        y_line=4 * y_steps.space[1],
        y_image=4 * y_steps.image,
    )


def plan_of_words(
    N: int, image: tuple[int, ...], w: tuple[int, ...], inner: Geometry, here: InstructionSet, out: Layout
) -> Plan:
    """Words of 32 channels, of pixel after pixel."""
    M, C, G, k_b = w[0] // inner.group, w[1], inner.group, block(here, False)
    words, space = -(-C // WORD), inner.output(image)
    pixel = 4 * words
    axes = (pixel * image[1] * image[2], pixel * image[2], pixel)
    bits, y_steps = N * G * math.prod(image) * pixel, out.steps(w[0], space)
    steps = Steps(
        word=4,
        block=0,
        tap=pixel * inner.dilations[2],
        pixel=pixel * inner.strides[2],
        taps=inner.kernel[2],
        rows=math.prod(inner.kernel[:2]),
        words=words,
        block_words=words,
        y_pixel=4 * y_steps.space[2],
        y_channel=4 * y_steps.channel,
    )
    of_output = sizes(w, inner, out, space, k_b)
    found = tables.spans(inner, image[2])
    like = RegisterTile(1, here.vectors, blocks=False, planes=not out.last)
    if small(N, space, w):
        tiles, runs = tables.told(found, here.pixels, like)
        known = None
    else:
        whole = words <= FEW
        like = replace(like, unroll=words if whole else 2 - words % 2, whole=whole, partial=M % k_b > 0)
        tiles, runs = tables.compiled_in(found, inner.kernel[2], here.pixels, like)
        known = steps
    text = [f'tile({one}, named("{here.name}"), {C if known else 0}, {known})' for one in tiles]
    of_images = axes[0] * image[0]
    return made(
        tile_program.text(WORDS_IMPORTS, text),
        without_taps(tables.lines(inner, image, axes), C),
        tables.table(runs, tiles, -inner.pads_begin[2] * pixel, steps.pixel, steps.y_pixel),
        np.array([*astuple(steps), C], np.int64),
        replace(of_output, x_group=of_images, x_image=of_images * G, w_block=4 * k_b * words * math.prod(inner.kernel)),
        out.shape(N, w[0], space),
        bits,
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
    words = -(-C // WORD)
    rows = N * G * image[0] * image[1]
    apart = half * stride
    return made(
        tile_program.text(TABLES_IMPORTS, [f'tile({one}, named("{here.name}"), {known})' for one in tiles]),
        without_taps(tables.lines(inner, image, (*axes, 0)), C),
        np.array(entries, np.int64).reshape(-1, tile_program.RUN),
        np.array([*astuple(steps), *spans], np.int64),
        replace(
            sizes(w, inner, out, space, k_b),
            x_group=of_images,
            x_image=of_images * G,
            w_block=steps.rows * runs_of_row * chunks * CHUNK * k_b,
        ),
        out.shape(N, w[0], space),
        rows * image[2] * words * 4,
        rows * columns * pixel + (CHUNK - 1) * TABLE,  # the last chunk of the last run looks beyond it
        rows,
        (image[2], inner.pads_begin[2], apart, columns, 4 * words, nibbles),
    )


def small(N: int, space: tuple[int, ...], w: tuple[int, ...]) -> bool:
    """Whether the program for all geometries will do."""
    return N * math.prod(space) * math.prod(w) < OWN_PROGRAM


def without_taps(lines: tables.Lines, channels: int) -> tables.Lines:
    """The lines; without channels, no row of taps is walked."""
    if channels == 0:
        lines.table[:, 1] = 0
    return lines


def made(
    text: str,
    lines: tables.Lines,
    runs: NDArray[np.int64],
    numbers: NDArray[np.int64],
    of: Sizes,
    y: tuple[int, ...],
    *of_input: Any,
) -> Plan:
    """The plan of a program's text and tables."""
    arguments = (lines.rows.ctypes.data, numbers.ctypes.data, lines.table, runs, of.array())
    items = y[0] * of.groups * of.blocks * of.lines
    return Plan(program.compiled(text), arguments, lines.rows, numbers, items, y, *of_input)


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
) -> NDArray[np.int32]:
    """y [N, M, o1, …] of x: signs [N, C, D1, …], or `bits` [N, G, D1, …, ⌈C/G/32⌉] of them, uint32.

    Raises:
        Unsupported: more than three dimensions of space.
        UsageError: the workspace is too small.
    """
    given = x.dtype == np.uint32
    image, G = x.shape[2:-1] if given else x.shape[2:], geometry.group
    shape = (len(x), packed.shape[1] * G, *image)
    found = plan(shape, packed.shape, geometry, packed.set, bool(packed.numbers["tables"]), NCHW)
    y = np.empty((*found.y[:2], *found.y[len(found.y) - len(image) :]), np.int32)
    if not y.size:
        return y
    room = begin(workspace, found.workspace)
    if given:
        bits = np.ascontiguousarray(x)
        convolve(address(bits), room, packed, found, y, threads)
    else:
        signs.write_bits(x, G, address(room), named(packed.set).lanes, threads)
        convolve(address(room), room, packed, found, y, threads)
    return y


def begin(workspace: NDArray[np.uint8] | None, needed: int) -> NDArray[np.uint8]:
    """The workspace, or a new one, from a cache line on. Raises UsageError where it is too small."""
    room = scratch(workspace, {"all": (needed - LINE,)}, np.uint8)
    return room["all"]


def convolve(
    bits: int, room: NDArray[np.uint8], packed: Packed, found: Plan, y: NDArray[np.int32], threads: int
) -> None:
    """Fills y from the image as bits, which may lie in the room, too."""
    x = bits
    if found.tables:
        x = address(room) + on_a_line(found.bits)
        more = (bits, x, signs.counts_address(), *found.table_arguments)
        in_parts(found.table_rows, threads, signs.tables_program(), *more)
    addresses = (x, address(packed.arrays["w"]), 0, 0, 0, address(y))
    in_parts(found.items, threads, found.kernel, *addresses, *found.arguments)


def on_a_line(size: int) -> int:
    """Bytes in whole cache lines."""
    return -(-size // LINE) * LINE


def workspace(shapes: Shapes, threads: int) -> int:
    """Bytes that `run` takes, for the instruction set that is chosen."""
    here = instructions.chosen()
    return plan(shapes.x, shapes.w, shapes.geometry, here.name, by_tables(here), NCHW).workspace


XNOR = Kernel("xnor", pack, run, workspace)
