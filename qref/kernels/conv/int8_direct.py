"""int8 direct convolution by register tiles: exact sums, zero points folded into what they begin with.

Σ (x − z_x)·w = Σ x·w − z_x·Σ w, with weights less their own zero points. The second sum runs over the taps on the
image, which depend on the row and the column of an output only by their class; sums begin with bias − z_x·Σ w of it.
So padding costs nothing, and is left out.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from qref.conv.cost import Shapes
from qref.conv.geometry import Geometry
from qref.errors import Unsupported, UsageError
from qref.kernels import instructions, program
from qref.kernels.conv.blocking import blocking
from qref.kernels.conv.float32_direct import in_blocks
from qref.kernels.conv.kernel import (
    Kernel,
    address,
    in_parts,
    in_space,
    in_three_dimensions,
    output_space,
    result,
    scratch,
    scratch_bytes,
)
from qref.kernels.conv.operands import GROUP, matched, set_of, weights, zero_points
from qref.kernels.conv.words import filled, lies_so, nbytes, words
from qref.kernels.instructions import InstructionSet
from qref.kernels.layout import NCHW, NHWC, Layout
from qref.kernels.packed import Packed
from qref.kernels.tile import amx, int8
from qref.kernels.tile import program as tile_program
from qref.kernels.tile.dot import DOTS, dot_of, exact_dot, most_pixels, pairs_fit
from qref.kernels.tile.program import Sizes
from qref.kernels.tile.tables import Span
from qref.kernels.tile.words import shift

IMPORTS = (
    "from qref.kernels.instructions.table import named",
    "from qref.kernels.tile import amx, int8",
    "from qref.kernels.tile.register_tile import RegisterTile",
    "from qref.kernels.tile.steps import Steps",
)


@dataclass(frozen=True, eq=False)
class Fp32:
    """The end by the rule xnnpack-fp32: half_even(float32(Σ) · scale) + zero_point, held within lowest … highest.

    scale: float32 [M], x_scale · w_scale / y_scale as the rule derives it. dtype: uint8 or int8, of the result.

    Raises:
        UsageError: another dtype, or limits beyond it.
    """

    scale: NDArray[np.float32]
    zero_point: int
    lowest: int
    highest: int
    dtype: str

    def __post_init__(self) -> None:
        if self.dtype not in ("int8", "uint8"):
            raise UsageError(f"results of {self.dtype}: the rule xnnpack-fp32 gives int8 and uint8")
        zero_points([self.lowest, self.highest], "limits", self.dtype)


def eight_bits(dtype: Any) -> np.dtype[Any]:
    """The type of operands. Raises Unsupported for what is not int8 or uint8."""
    given = np.dtype(dtype)
    if given not in (np.int8, np.uint8):
        raise Unsupported(f"operands of type {given}: this fast path is for int8 and uint8")
    return given


def pack(w: NDArray[Any], geometry: Geometry, z_w: ArrayLike = 0) -> Packed:
    """w [M, C/G, k1, …] less z_w, a scalar or [M], in the order in which tiles meet it.

    `w` [G, K/k_b, k1·k2, k3, C/G by words, k_b, channels of a word], flat, of int8 or int16: k_b output channels of a
    tile lie side by side, zeros for those that K lacks, and for channels that words lack. `sums` [M, k1·k2, k3] int32:
    Σ w over the channels of a tap. It is int16 where weights less z_w do not fit int8, or could saturate with it.

    Raises:
        Unsupported: weights that are neither int8 nor uint8, more than three dimensions of space.
        UsageError: z_w is not of their type.
    """
    here, inner, G = instructions.chosen(), in_three_dimensions(geometry), geometry.group
    zeros = np.broadcast_to(zero_points(z_w, "z_w", eight_bits(w.dtype)), len(w)).reshape(-1, *[1] * (w.ndim - 1))
    differences = w.astype(np.int16) - zeros
    (k1, k2, k3), M, C = inner.kernel, w.shape[0] // G, w.shape[1]
    k_b = here.vectors * here.lanes
    K = -(-M // k_b)
    taps = np.zeros((G, K * k_b, filled(C), k1 * k2, k3), np.int16)
    taps[:, :M, :C] = differences.reshape(G, M, C, k1 * k2, k3)
    fits = bool(not w.size or (differences.min() >= -128 and differences.max() <= 127))
    by_words = taps.reshape(G, K, k_b, filled(C) // 4, 4, k1 * k2, k3).transpose(0, 1, 5, 6, 3, 2, 4)
    dot = exact_dot(here, fits, fits and pairs_fit(by_words))
    if DOTS[dot].wide:
        by_words = taps.reshape(G, K, k_b, filled(C) // 2, 2, k1 * k2, k3).transpose(0, 1, 5, 6, 3, 2, 4)
    data = np.ascontiguousarray(by_words, np.int16 if DOTS[dot].wide else np.int8).reshape(-1)
    sums = differences.reshape(len(w), C, k1 * k2, k3).sum(axis=1, dtype=np.int32)
    return Packed("int8-direct", here.name, w.shape, {"w": data, "sums": sums}, {GROUP: G})


def way(packed: Packed, here: InstructionSet) -> str:
    """The name in DOTS by which packed weights are multiplied. Raises BadTensor where they are not of 8 or 16 bits."""
    found = packed.arrays.get("w", np.empty(0))
    return dot_of(here, 8 * weights(packed, "w", found.nbytes, "int8", "int16").itemsize)


@dataclass(frozen=True, eq=False)
class Plan:
    """A program, and what it takes after the addresses of the operands; for one shape of the input.

    rows: int64 [n, 2], which the loop takes by its address; tables: those that follow. steps: the first of its numbers.
    rows_of, columns_of: which rows of taps, and which taps of a row, lie on the image: one row for each class, 0 and 1.
    weights: bytes of what is packed.
    """

    kernel: Callable[..., Any]
    rows: NDArray[np.int64]
    steps: NDArray[np.int64]
    tables: tuple[NDArray[np.int64], ...]
    sizes: Sizes
    rows_of: NDArray[np.int32]
    columns_of: NDArray[np.int32]
    weights: int


@lru_cache(maxsize=1024)
def plan(
    x: tuple[int, ...],
    w: tuple[int, ...],
    geometry: Geometry,
    here: InstructionSet,
    dot: str,
    out: Layout,
    requantized: bool,
    general: bool = False,
) -> Plan:
    """For images of lengths x = [N, C, D1, D2, D3] and weights w [M, C/G, k1, …], whose channels lie in words.

    dot: a name of DOTS. requantized: outputs are of 8 bits. general: by the program for all geometries.
    """
    word, G = DOTS[dot].channels, geometry.group
    C = filled(w[1]) // word
    in_rows = amx.fits(here, dot, C)
    found = blocking(
        (x[0], G * C, *x[2:]), (w[0], C, *w[2:]), geometry, here, (NHWC, out),
        amx.PIXELS if in_rows else most_pixels(here, dot),
        block=max(C, 1), y_bytes=1 if requantized else 4, general=general, alike=in_rows,
    )  # fmt: skip
    classes = list(dict.fromkeys(found.spans))
    distance = 4 * G * found.sizes.blocks * found.sizes.block
    places = {span: i * distance for i, span in enumerate(classes)}
    lines, runs = found.lines, found.table()
    lines.table[:, 2] = np.array(lines.classes, np.int64) * len(classes) * distance
    if found.known is None or in_rows:
        runs[:, 8] = [places[run.span] for run in found.runs]
        starts = [(0,) * tile.pixels for tile in found.tiles]
    else:
        starts = [tuple(places[span] for span in spans(tile.taps or ())) for tile in found.tiles]
    tiles = [
        f"amx.tile({tile}, {found.known}, {requantized})"
        if in_rows
        else f'int8.tile({tile}, named("{here.name}"), "{dot}", {distances}, {found.known}, {requantized})'
        for tile, distances in zip(found.tiles, starts)
    ]
    rows_of = np.array([[r in taps for r in range(found.steps.rows)] for taps in lines.taps], np.int32)
    columns_of = np.array([[a <= s < z for s in range(found.steps.taps)] for a, z in classes], np.int32)
    return Plan(
        program.compiled(tile_program.text(IMPORTS, tiles)), lines.rows, int8.numbers(found.steps),
        (lines.table, runs, found.sizes.array()), found.sizes, rows_of, columns_of,
        4 * found.sizes.channels * C * math.prod(w[2:]),
    )  # fmt: skip


def spans(taps: tuple[tuple[bool, ...], ...]) -> list[Span]:
    """The taps on the image of each pixel of a tile, as first and last."""
    found = []
    for on_image in zip(*taps):
        first = on_image.index(True) if any(on_image) else 0
        found.append((first, first + sum(on_image)))
    return found


def begins(packed: Packed, found: Plan, z_x: int, bias: NDArray[np.int32] | None) -> NDArray[np.int32]:
    """bias − z_x·Σ w for each class of rows and of columns, [rows, columns, G, channels of all tiles]."""
    sizes, M = found.sizes, packed.shape[0]
    biases = in_blocks(bias, "bias", sizes.groups, M, sizes.blocks * sizes.block, np.int32)
    table = np.empty((len(found.rows_of), len(found.columns_of), *biases.shape), np.int32)
    table[...] = biases
    if z_x:
        taps = found.rows_of.shape[1], found.columns_of.shape[1]
        sums = weights(packed, "sums", 4 * M * math.prod(taps), "int32").reshape(M, *taps)
        on_image = found.rows_of @ sums @ found.columns_of.T  # [M, rows, columns]
        of_groups = on_image.transpose(1, 2, 0).reshape(*table.shape[:3], sizes.kernels)
        table[..., : sizes.kernels] -= np.int32(z_x) * of_groups
    return table


@dataclass(frozen=True, eq=False)
class Bound:
    """A plan with the addresses of weights, of what sums begin with, and of the end's numbers; kept: what lies there.

    items: of the loop around tiles. before, after: what it takes before and after the addresses of the output.
    """

    kernel: Callable[..., Any]
    items: int
    before: tuple[int, ...]
    after: tuple[Any, ...]
    kept: tuple[NDArray[Any], ...]

    def fill(self, y: NDArray[Any], laid: NDArray[Any], threads: int) -> None:
        """The convolution of images in words into y, which is not empty."""
        into = address(y)
        in_parts(self.items, threads, self.kernel, address(laid), *self.before, into, into, *self.after)


def bound(packed: Packed, found: Plan, images: int, starts: NDArray[np.int32], end: Fp32 | None) -> Bound:
    """For so many images. starts: by `begins`."""
    sizes, numbers, scales = found.sizes, found.steps, starts
    w = weights(packed, "w", found.weights, "int8", "int16")
    if end is not None:
        scales = in_blocks(end.scale, "scale", sizes.groups, packed.shape[0], sizes.blocks * sizes.block)
        numbers = np.concatenate([numbers, int8.limits(end.zero_point, end.lowest, end.highest)])
    return Bound(
        kernel=found.kernel,
        items=images * sizes.groups * sizes.blocks * sizes.lines,
        before=(address(w), address(starts), address(scales)),
        after=(address(found.rows), address(numbers), *found.tables),
        kept=(w, starts, scales, found.rows, numbers),
    )


@dataclass(frozen=True, eq=False)
class Prepared:
    """The convolution of images of one shape and type, with all done that does not depend on their pixels.

    group, threads: as given. layout: of images. word: NumPy's name of the type of channels in words, `room` bytes of
    them in all. output, result: shape and type of the result. bound: None where the result is empty.
    """

    shape: tuple[int, ...]
    dtype: np.dtype[Any]
    group: int
    threads: int
    layout: Layout
    word: str
    room: int
    output: tuple[int, ...]
    result: np.dtype[Any]
    bound: Bound | None

    def __call__(
        self, x: NDArray[Any], workspace: NDArray[np.uint8] | None = None, out: NDArray[Any] | None = None
    ) -> NDArray[Any]:
        """What `int8_direct` gives. Raises UsageError for images of another shape or type, and as that does."""
        if x.shape != self.shape or x.dtype != self.dtype:
            raise UsageError(f"images {list(x.shape)} of {x.dtype}: prepared for {list(self.shape)} of {self.dtype}")
        y = result(out, self.output, self.result, x)
        if self.bound is not None:
            room = None
            if not lies_so(x, self.group, self.layout, self.word):
                room = scratch(workspace, {"words": (self.room,)}, np.uint8)["words"]
            self.bound.fill(y, words(x, self.group, self.layout, self.word, self.threads, room), self.threads)
        return y


def prepare(
    shape: tuple[int, ...],
    dtype: Any,
    packed: Packed,
    geometry: Geometry,
    threads: int = 1,
    *,
    z_x: int = 0,
    bias: NDArray[np.int32] | None = None,
    end: Fp32 | None = None,
    layouts: tuple[Layout, Layout] = (NCHW, NCHW),
) -> Prepared:
    """For images of a shape and type that run many times: what is left to do then is little. As `int8_direct`."""
    if any(layout.blocked for layout in layouts):
        raise Unsupported("layout NCHW32c: 8-bit integers are taken and given in NCHW and NHWC")
    (into, to), G, (M, C) = layouts, geometry.group, packed.shape[:2]
    given = eight_bits(dtype)
    matched(shape, packed.shape, geometry, threads, into)
    here = set_of(packed, G, "int8-direct")
    dot, image = way(packed, here), shape[1:-1] if into.last else shape[2:]
    output = to.shape(shape[0], M, output_space(geometry, image))
    word, bound_to = DOTS[dot].x, None
    if math.prod(output):
        inner, volume = in_three_dimensions(geometry), (shape[0], C * G, *in_space(image))
        found = plan(volume, packed.shape, inner, here, dot, to, end is not None)
        starts = begins(packed, found, int(zero_points(z_x, "z_x", given)) + shift(given, word), bias)
        bound_to = bound(packed, found, shape[0], starts, end)
    return Prepared(
        shape=shape,
        dtype=given,
        group=G,
        threads=threads,
        layout=into,
        word=word,
        room=nbytes(shape[0], C, G, math.prod(image), word),
        output=output,
        result=np.dtype(np.int32 if end is None else end.dtype),
        bound=bound_to,
    )


def int8_direct(
    x: NDArray[Any],
    packed: Packed,
    geometry: Geometry,
    threads: int = 1,
    *,
    z_x: int = 0,
    bias: NDArray[np.int32] | None = None,
    end: Fp32 | None = None,
    layouts: tuple[Layout, Layout] = (NCHW, NCHW),
    workspace: NDArray[np.uint8] | None = None,
    out: NDArray[Any] | None = None,
) -> NDArray[Any]:
    """Σ (x − z_x)(w − z_w) + bias modulo 2³² as int32, or what `end` makes of it.

    Args:
        x: int8 or uint8, in the first of the layouts. packed: by `pack`. bias: [M]. layouts: NCHW or NHWC. workspace:
            bytes as `workspace` says. out: where the result goes.

    Raises:
        BadTensor, UsageError: operands that do not fit each other; see `qref.kernels.conv.operands`.
        Unsupported: another type; another layout; weights packed for another processor; more than three dimensions of
            space.
    """
    run = prepare(x.shape, x.dtype, packed, geometry, threads, z_x=z_x, bias=bias, end=end, layouts=layouts)
    return run(x, workspace, out)


def workspace(shapes: Shapes, threads: int) -> int:
    """Bytes of the images as words of 16 bits, which is what weights of more than 8 bits need; else half of it."""
    C, G = shapes.w[1], shapes.geometry.group
    return scratch_bytes({"words": (nbytes(shapes.x[0], C, G, math.prod(shapes.x[2:]), "int16"),)}, np.uint8)


INT8_DIRECT = Kernel("int8-direct", pack, int8_direct, workspace, places=True, prepare=prepare)
