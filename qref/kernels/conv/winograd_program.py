"""The loops around Winograd's tiles: images → groups → blocks of rows of tiles, in each all of the algorithm.

A block's pixels are laid out under its tiles, PART channels at a time, and transformed to V. Then for so many output
channels at a time M = V·U, place by place, is transformed to outputs. All of that stays in the second-level cache.
"""

from dataclasses import astuple, dataclass, fields

import numpy as np
from numpy.typing import NDArray

from qref.conv.winograd import Transforms
from qref.kernels.instructions import InstructionSet


@dataclass(frozen=True)
class Sizes:
    """Lengths, and distances in bytes, as the loops take them.

    images, groups; channels, kernels: of a group. height, width, top, left: the image and its padding. rows, columns:
    of outputs. tiles_down, tiles_right: tiles of an image; most: rows of tiles of a block. words: channels of V.
    vectors: register tiles of all output channels; at_once: of those that M holds.
    x_…, y_…: distances in the input and the output; x_block, y_block: to the next BLOCK channels.
    d_row, out_row, V_block, V_place, M_vector, M_place: distances in the workspace. V, M, d, out: where they begin in a
    thread's part of it, at whose beginning stand zeros; part: its length.
    """

    images: int
    groups: int
    channels: int
    kernels: int
    height: int
    width: int
    top: int
    left: int
    rows: int
    columns: int
    tiles_down: int
    tiles_right: int
    most: int
    words: int
    vectors: int
    at_once: int
    x_image: int
    x_block: int
    x_channel: int
    x_row: int
    x_pixel: int
    y_image: int
    y_block: int
    y_channel: int
    y_row: int
    y_pixel: int
    d_row: int
    out_row: int
    V_block: int
    V_place: int
    M_vector: int
    M_place: int
    V: int
    M: int
    d: int
    out: int
    part: int

    def array(self) -> NDArray[np.int64]:
        """As the loops take them."""
        return np.array(astuple(self), np.int64)


TEXT = '''"""A program of qref.kernels; qref/kernels/conv/winograd_program.py says what it is."""

from fractions import Fraction

from numba import int64, njit, void

from qref.conv.winograd import Transforms
from qref.kernels.instructions.table import named
from qref.kernels.layout import BLOCK
from qref.kernels.tile import winograd

F, HERE = {F}, named({here!r})
zero, input_tile, output_tile = winograd.zero(), winograd.input_tile(F, HERE), winograd.output_tile(F, HERE)
square_in, square_out = winograd.square_in(HERE), winograd.square_out(HERE)
pixel_in, pixel_out = winograd.pixel_in(HERE), winograd.pixel_out(HERE)
{products}

PART, CHAIN, SIDE, PIXELS = winograd.PART, winograd.CHAIN, winograd.side(HERE), HERE.pixels
ACROSS = HERE.lanes * HERE.vectors
DOWN, RIGHT, HIGH, WIDE = F[0].m, F[1].m, F[0].alpha, F[1].alpha


@njit(void({six}, int64))
def fetch(x, x_pixel, x_channel, count, left, zeros, d):
    """A row of pixels of up to PART channels."""
    if x_pixel != 4 or count < SIDE:
        for p in range(count):
            pixel_in(x + p * x_pixel, x_channel, left, d + 4 * PART * p)
        return
    for k in range(0, PART, SIDE):
        for p in range(0, count - SIDE, SIDE):
            square_in(x + k * x_channel + 4 * p, x_channel, left - k, zeros, d + 4 * (PART * p + k))
        p = count - SIDE
        square_in(x + k * x_channel + 4 * p, x_channel, left - k, zeros, d + 4 * (PART * p + k))


@njit(void({six}, int64, int64))
def put(d, y, y_pixel, y_channel, count, left, residual, limits):
    """A row of outputs of the channels of a register tile."""
    if y_pixel != 4 or count < SIDE:
        for p in range(count):
            pixel_out(d + 4 * ACROSS * p, y + p * y_pixel, y_channel, left, residual, limits)
        return
    for k in range(0, ACROSS, SIDE):
        for p in range(0, count - SIDE, SIDE):
            square_out(d + 4 * (ACROSS * p + k), y + k * y_channel + 4 * p, y_channel, left - k, residual, limits)
        p = count - SIDE
        square_out(d + 4 * (ACROSS * p + k), y + k * y_channel + 4 * p, y_channel, left - k, residual, limits)


@njit(void({six}, int64))
def products(V, U, M, count, words, block, zeros):
    """All tiles of a block, at one place and for the output channels of a register tile. block: bytes of a chain."""
    parts = -(-count // PIXELS)
    for c in range(0, words, CHAIN):
        chain = min(CHAIN, words - c)
        v, m = V + c // CHAIN * block, M
        for j in range(parts):
            tiles = count // parts + (j < count % parts)
{calls}
            v += 4 * CHAIN * tiles
            m += 4 * ACROSS * tiles
        U += 4 * ACROSS * CHAIN


@njit(void({six}, int64, int64, int64, int64, int64[::1]), cache=True, nogil=True)
def kernel(part, end, threads, x, U_all, bias, residual, y, limits, workspace, sizes):
    """Parts of all threads' work."""
    ({names}) = (
        {values}
    )
    blocks = -(-tiles_down // most)
    items = images * groups * blocks
    x_all = x
    for mine in range(part, end):
        zeros = workspace + mine * part_bytes
        V, M, d, out = zeros + V_begin, zeros + M_begin, zeros + d_begin, zeros + out_begin
        zero(zeros)
        for p in range(d, out, 4 * PART):
            zero(p)
        for item in range(items * mine // threads, items * (mine + 1) // threads):
            first = item % blocks * most
            count = min(most, tiles_down - first)
            group = item // blocks % groups
            image = item // blocks // groups
            tiles = count * tiles_right
            for c in range(0, words, PART):
                channel = group * channels + c
                x = x_all + image * x_image + channel // BLOCK * x_block + channel % BLOCK * x_channel
                for i in range(count * DOWN + HIGH - DOWN):
                    row = first * DOWN + i - top
                    there = channels - c if 0 <= row < height else 0
                    fetch(x + row * x_row, x_pixel, x_channel, width, there, zeros, d + i * d_row + 4 * PART * left)
                to = V + c // CHAIN * V_block + c % CHAIN * 4
                for i in range(count):
                    for j in range(tiles_right):
                        by_row, by_column = 4 * CHAIN * (i * tiles_right + j), 4 * CHAIN * (j * count + i)
                        pixels = d + i * DOWN * d_row + j * RIGHT * 4 * PART
                        input_tile(pixels, d_row, to + by_row, to + by_column, V_place)
            for k in range(0, vectors, at_once):
                several = min(at_once, vectors - k)
                for place in range(HIGH * WIDE):
                    # outputs beyond the border are all that the last row and column of places are for
                    needed = tiles
                    if WIDE > RIGHT and place % WIDE == WIDE - 1:
                        needed -= count if columns % RIGHT else 0
                    elif HIGH > DOWN and place // WIDE == HIGH - 1 and first + count == tiles_down:
                        needed -= tiles_right if rows % DOWN else 0
                    U = U_all + 4 * ACROSS * words * ((group * HIGH * WIDE + place) * vectors + k)
                    for v in range(several):
                        products(
                            V + place * V_place, U + 4 * ACROSS * words * v, M + place * M_place + v * M_vector, needed,
                            words, V_block, zeros
                        )
                for v in range(k, k + several):
                    channel = group * kernels + v * ACROSS
                    here = image * y_image + channel // BLOCK * y_block + channel % BLOCK * y_channel
                    m = M + (v - k) * M_vector
                    for i in range(count):
                        for j in range(tiles_right):
                            by_row, by_column = 4 * ACROSS * (i * tiles_right + j), 4 * ACROSS * (j * count + i)
                            output_tile(
                                m + by_row, m + by_column, M_place, bias + 4 * ACROSS * (group * vectors + v),
                                out + j * RIGHT * 4 * ACROSS, out_row
                            )
                        for r in range(DOWN):
                            row = (first + i) * DOWN + r
                            if row < rows:
                                put(
                                    out + r * out_row, y + here + row * y_row, y_pixel, y_channel, columns,
                                    kernels - v * ACROSS, residual, limits
                                )
'''


def text(F: tuple[Transforms, Transforms], here: InstructionSet) -> str:
    """The program for transforms along columns and along rows."""
    lengths = range(1, here.pixels + 1)

    calls = [f"{'if' if n == 1 else 'elif'} tiles == {n}: product{n}(v, U, m, chain, c == 0, zeros)" for n in lengths]
    begins = {"V": "V_begin", "M": "M_begin", "d": "d_begin", "out": "out_begin", "part": "part_bytes"}
    names = [begins.get(field.name, field.name) for field in fields(Sizes)]
    return TEXT.format(
        F=F,
        here=here.name,
        products="\n".join(f"product{n} = winograd.product_tile({n}, HERE)" for n in lengths),
        calls="\n".join(" " * 12 + call for call in calls),
        six=", ".join(["int64"] * 6),
        names=", ".join(names),
        values=", ".join(f"sizes[{i}]" for i in range(len(names))),
    )
