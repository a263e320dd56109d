"""Images of signs made ready: to bits, and from bits to tables of counts."""

import math
from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qref.errors import Unsupported
from qref.kernels import program
from qref.kernels.conv.float32_direct import space_of
from qref.kernels.conv.kernel import address, in_parts
from qref.kernels.layout import Layout
from qref.kernels.tile.lookup import TABLE
from qref.kernels.tile.signs import ELEMENTS, WORD

LOADED = frozenset(np.dtype(name) for name in ELEMENTS)
"""Types of signs that programs load."""

BITS = '''"""Signs to bits; qref/kernels/conv/signs.py says how they lie."""

from numba import int64, njit, void

from qref.kernels.tile.signs import words_of_planes

LANES, SIZE = {lanes}, {size}
all_of_many = words_of_planes("{dtype}", LANES, True)
some_of_many = words_of_planes("{dtype}", LANES, False)
all_of_one = words_of_planes("{dtype}", 1, True)
some_of_one = words_of_planes("{dtype}", 1, False)


@njit(void({arguments}), cache=True, nogil=True)
def kernel(begin, end, x, y, pixels, channels, words):
    for item in range(begin, end):
        left = channels - 32 * (item % words)
        image = item // words
        x_here = x + (image * channels + 32 * (item % words)) * pixels * SIZE
        y_here = y + item * pixels * 4
        done = 0
        while pixels >= LANES and done < pixels:
            done = min(done, pixels - LANES)
            if left >= 32:
                all_of_many(x_here + done * SIZE, pixels * SIZE, left, y_here + done * 4)
            else:
                some_of_many(x_here + done * SIZE, pixels * SIZE, left, y_here + done * 4)
            done += LANES
        while done < pixels:
            if left >= 32:
                all_of_one(x_here + done * SIZE, pixels * SIZE, left, y_here + done * 4)
            else:
                some_of_one(x_here + done * SIZE, pixels * SIZE, left, y_here + done * 4)
            done += 1
'''
BITS_OF_ROWS = '''"""Signs to bits where channels lie side by side; qref/kernels/conv/signs.py says how they lie."""

from numba import int64, njit, void

from qref.kernels.tile.signs import word_of_channels, words_of_planes

SIZE = {size}
all_channels = word_of_channels("{dtype}")
some_channels = words_of_planes("{dtype}", 1, False)


@njit(void({arguments}), cache=True, nogil=True)
def kernel(begin, end, x, y, pixels, groups, channels, words):
    for item in range(begin, end):
        pixel, image = item % pixels, item // pixels
        for group in range(groups):
            x_here = x + (item * groups + group) * channels * SIZE
            y_here = y + ((image * groups + group) * words * pixels + pixel) * 4
            for word in range(words):
                left = channels - 32 * word
                if left >= 32:
                    all_channels(x_here + 32 * word * SIZE, y_here + word * pixels * 4)
                else:
                    some_channels(x_here + 32 * word * SIZE, SIZE, left, y_here + word * pixels * 4)
'''
TABLES = '''"""Bits to tables; qref/kernels/tile/binary_tables.py says what they are."""

from numba import int64, njit, void

from qref.kernels.tile.signs import byte_at, tables_of_pair

one_table = tables_of_pair(1)
two_tables = tables_of_pair(2)


@njit(void({arguments}), cache=True, nogil=True)
def kernel(begin, end, x, y, counts, lines, width, pad, apart, columns, words, nibbles):
    nothing = counts + 256 * 32
    plane = lines * width * 4
    for row in range(begin, end):
        x_row = x + row // lines * words * plane + row % lines * width * 4
        p = y + row * columns * nibbles * 16
        for column in range(columns):
            i, j = column - pad, column - pad + apart
            first, first_mask, first_counts = x, 0, nothing
            second, second_mask, second_counts = x, 0, nothing
            if 0 <= i < width:
                first, first_mask, first_counts = x_row + i * 4, 255, counts
            if 0 <= j < width:
                second, second_mask, second_counts = x_row + j * 4, 255, counts
            for k in range((nibbles + 1) // 2):
                place = k // 4 * plane + k % 4
                a = first_counts + (byte_at(first + place) & first_mask) * 32
                b = second_counts + (byte_at(second + place) & second_mask) * 32
                if 2 * k + 1 < nibbles:
                    two_tables(a, b, p)
                    p += 32
                else:
                    one_table(a, b, p)
                    p += 16
'''


def text(template: str, arguments: int, **values: Any) -> str:
    """A program of so many int64."""
    return template.format(arguments=", ".join(["int64"] * arguments), **values)


@cache
def bits_program(dtype: np.dtype[Any], last: bool, lanes: int) -> Callable[..., Any]:
    """For signs of a dtype; last: channels lie side by side, else pixels."""
    values = {"dtype": dtype.name, "size": dtype.itemsize}
    if last:
        return program.compiled(text(BITS_OF_ROWS, 8, **values))
    return program.compiled(text(BITS, 7, lanes=4 * lanes, **values))


@cache
def tables_program() -> Callable[..., Any]:
    """For tables of any lengths."""
    return program.compiled(text(TABLES, 12))


@cache
def counts_address() -> int:
    """Where `counts` begin."""
    return address(counts())


@cache
def counts() -> NDArray[np.uint8]:
    """[257, 2, TABLE]: popcount(i ⊕ j) of both nibbles i of every byte and j = 0 … 15; the last byte is none: zeros."""
    nibbles = np.arange(16, dtype=np.uint8)
    differing = np.unpackbits(nibbles[:, np.newaxis] ^ nibbles).reshape(16, TABLE, 8).sum(axis=2, dtype=np.uint8)
    found = np.zeros((257, 2, TABLE), np.uint8)
    for byte in range(256):
        found[byte] = differing[[byte & 15, byte >> 4]]
    found.flags.writeable = False  # kept and shared
    return found


def real(x: NDArray[Any]) -> NDArray[Any]:
    """The array. Raises Unsupported where its elements are no real numbers, which alone lie above 0 or not."""
    if x.dtype.kind not in "biuf":
        raise Unsupported(f"signs of {x.dtype}: give real numbers")
    return x


def write(x: NDArray[Any], layout: Layout, group: int, y: int, lanes: int, threads: int) -> None:
    """Writes the signs of images as bits [N, G, ⌈C/G/32⌉, D1, …] of uint32 at the address y.

    Bit c mod 32 of word ⌊c/32⌋ is 1 where channel c of the group is above 0, else 0; bits beyond C/G are 0. lanes: of
    the instruction set.
    """
    if x.dtype not in LOADED:
        x = (x > 0).view(np.int8)
    x = np.ascontiguousarray(x)
    images, pixels = len(x), math.prod(space_of(x, layout))
    channels = x.shape[-1 if layout.last else 1] // group
    words = -(-channels // WORD)
    if layout.last or pixels == 1:
        kernel = bits_program(x.dtype, True, lanes)
        in_parts(images * pixels, threads, kernel, address(x), y, pixels, group, channels, words)
    else:
        kernel = bits_program(x.dtype, False, lanes)
        in_parts(images * group * words, threads, kernel, address(x), y, pixels, channels, words)
