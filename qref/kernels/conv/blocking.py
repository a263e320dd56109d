"""Blocking: a convolution cut into register tiles, with the tables by which the loop around them moves.

A word is 4 bytes of the input that a tile meets at once: one channel of float32, or four of 8 bits side by side.
"""

import math
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from qref.conv.geometry import Geometry
from qref.kernels.instructions import InstructionSet
from qref.kernels.layout import BLOCK, Layout
from qref.kernels.tile import tables
from qref.kernels.tile.program import Sizes
from qref.kernels.tile.register_tile import RegisterTile
from qref.kernels.tile.steps import Steps
from qref.kernels.tile.tables import Lines, Run, Span

WORD = 4
OWN_PROGRAM = 1 << 24
"""Multiply-adds of words from which on a layer gets a program of its own."""
FEW_WORDS = 4
FEW_PIXELS = 12
"""The most of a tile whose loop over words is unrolled: in so long a body LLVM needs spare registers, or it spills."""


@dataclass(frozen=True, eq=False)
class Blocking:
    """Tiles and where they stand. known: the steps where tiles are made for this layer alone, else None.

    spans: the taps on the image of each pixel of a row of outputs. begin: where pixel 0's window begins in a row of
    the input, in bytes.
    """

    steps: Steps
    known: Steps | None
    sizes: Sizes
    lines: Lines
    spans: list[Span]
    tiles: list[RegisterTile]
    runs: list[Run]
    begin: int

    def table(self) -> NDArray[np.int64]:
        """The runs as the loop takes them."""
        return tables.table(self.runs, self.tiles, self.begin, self.steps.pixel, self.steps.y_pixel)


def blocking(
    x: tuple[int, ...],
    w: tuple[int, ...],
    geometry: Geometry,
    here: InstructionSet,
    layouts: tuple[Layout, Layout],
    pixels: int,
    block: int = BLOCK,
    y_bytes: int = 4,
    general: bool = False,
    alike: bool = False,
    own: int | None = None,
) -> Blocking:
    """Of images of lengths x = [N, C, D1, D2, D3], whatever their layout, and weights w [M, C/G, k1, …]; C in words.

    pixels: the most that a tile has. block: words after which sums are split. y_bytes: of an output.
    general: by tiles for all geometries, however many multiply-adds there are. alike: by tiles whose pixels have the
    same taps, which they are told at run time. own: multiply-adds from which on a layer gets a program of its own, in
    place of OWN_PROGRAM.
    """
    into, out = layouts
    (N, words, *image), G = x, geometry.group
    M, C = w[0] // G, w[1]
    space = geometry.output(tuple(image))
    x_steps, y_steps = into.steps(words, tuple(image)), out.steps(w[0], space)
    k_b = here.vectors * here.lanes
    steps = Steps(
        word=WORD * x_steps.channel,
        block=WORD * (x_steps.block if into.blocked else x_steps.channel * block),
        tap=WORD * x_steps.space[2] * geometry.dilations[2],
        pixel=WORD * x_steps.space[2] * geometry.strides[2],
        taps=geometry.kernel[2],
        rows=math.prod(geometry.kernel[:2]),
        words=C,
        block_words=block,
        y_pixel=y_bytes * y_steps.space[2],
        y_channel=y_bytes * y_steps.channel,
    )
    sizes = Sizes(
        lines=math.prod(space[:2]),
        blocks=-(-M // k_b),
        groups=G,
        kernels=M,
        block=k_b,
        x_group=WORD * (x_steps.block * (C // BLOCK) if into.blocked else x_steps.channel * C),
        x_image=WORD * x_steps.image,
        w_block=WORD * k_b * C * math.prod(geometry.kernel),
        y_part=BLOCK if out.blocked else 1,
        y_channel=y_bytes * y_steps.channel,
        y_parts=y_bytes * (y_steps.block if out.blocked else y_steps.channel),
        y_line=y_bytes * y_steps.space[1],
        y_image=y_bytes * y_steps.image,
    )
    lines = tables.lines(geometry, tuple(image), tuple(WORD * step for step in x_steps.space))
    if C == 0:
        lines.table[:, 1] = 0
    spans = tables.spans(geometry, image[2])
    # the blocked layout has room for channels that are not there
    like = RegisterTile(1, here.vectors, partial=not out.blocked, planes=not out.last)
    least = OWN_PROGRAM if own is None else own
    if general or math.prod(space) * math.prod(w[1:]) * M * N < least:
        known, (tiles, runs) = None, tables.told(spans, pixels, like)
    else:
        whole = C <= FEW_WORDS
        pixels = min(pixels, FEW_PIXELS) if whole else pixels
        like = replace(
            like,
            unroll=C if whole else 2 - C % 2,
            whole=whole,
            blocks=block < C,
            partial=like.partial and M % k_b > 0,
        )
        known = steps
        if alike:
            tiles, runs = tables.alike(spans, pixels, like)
        else:
            tiles, runs = tables.compiled_in(spans, geometry.kernel[2], pixels, like)
    begin = -geometry.pads_begin[2] * WORD * x_steps.space[2]
    return Blocking(steps, known, sizes, lines, spans, tiles, runs, begin)
