"""Images of signs made ready: to bits, which layers can hand on, and from bits to tables of counts."""

import math
from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qref.kernels import program
from qref.kernels.conv.kernel import address, in_parts
from qref.kernels.instructions import chosen
from qref.kernels.tile.lookup import TABLE
from qref.kernels.tile.signs import ELEMENTS, WORD

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
        y_here = y + (image * pixels * words + item % words) * 4
        done = 0
        while pixels >= LANES and done < pixels:
            done = min(done, pixels - LANES)
            if left >= 32:
                all_of_many(x_here + done * SIZE, pixels * SIZE, left, y_here + done * words * 4, words * 4)
            else:
                some_of_many(x_here + done * SIZE, pixels * SIZE, left, y_here + done * words * 4, words * 4)
            done += LANES
        while done < pixels:
            if left >= 32:
                all_of_one(x_here + done * SIZE, pixels * SIZE, left, y_here + done * words * 4, words * 4)
            else:
                some_of_one(x_here + done * SIZE, pixels * SIZE, left, y_here + done * words * 4, words * 4)
            done += 1
'''
BITS_OF_ROWS = '''"""Signs to bits where channels lie side by side; qref/kernels/conv/signs.py says how they lie."""

from numba import int64, njit, void

from qref.kernels.tile.signs import word_of_channels, words_of_planes

SIZE = {size}
all_channels = word_of_channels("{dtype}")
some_channels = words_of_planes("{dtype}", 1, False)


@njit(void({arguments}), cache=True, nogil=True)
def kernel(begin, end, x, y, channels, words):
    for item in range(begin, end):
        x_here, y_here = x + item * channels * SIZE, y + item * words * 4
        for word in range(words):
            left = channels - 32 * word
            if left >= 32:
                all_channels(x_here + 32 * word * SIZE, y_here + 4 * word)
            else:
                some_channels(x_here + 32 * word * SIZE, SIZE, left, y_here + 4 * word, 0)
'''
TABLES = '''"""Bits to tables; qref/kernels/conv/signs.py says how they lie."""

from numba import int64, njit, void

from qref.kernels.tile.signs import byte_at, tables_of_pair

one_table = tables_of_pair(1)
two_tables = tables_of_pair(2)


@njit(void({arguments}), cache=True, nogil=True)
def kernel(begin, end, x, y, counts, width, pad, apart, columns, of_pixel, nibbles):
    nothing = counts + 256 * 32
    for row in range(begin, end):
        x_row, p = x + row * width * of_pixel, y + row * columns * nibbles * 16
        for column in range(columns):
            i, j = column - pad, column - pad + apart
            first, first_mask, first_counts = x, 0, nothing
            second, second_mask, second_counts = x, 0, nothing
            if 0 <= i < width:
                first, first_mask, first_counts = x_row + i * of_pixel, 255, counts
            if 0 <= j < width:
                second, second_mask, second_counts = x_row + j * of_pixel, 255, counts
            for k in range(nibbles // 2):
                a = first_counts + (byte_at(first + k) & first_mask) * 32
                b = second_counts + (byte_at(second + k) & second_mask) * 32
                two_tables(a, b, p)
                p += 32
            if nibbles % 2:
                a = first_counts + (byte_at(first + nibbles // 2) & first_mask) * 32
                b = second_counts + (byte_at(second + nibbles // 2) & second_mask) * 32
                one_table(a, b, p)
                p += 16
'''


def text(template: str, arguments: int, **values: Any) -> str:
    """A program of so many int64."""
    return template.format(arguments=", ".join(["int64"] * arguments), **values)


@cache
def bits_program(dtype: str, last: bool, lanes: int) -> Callable[..., Any]:
    """For signs of a dtype; last: channels lie side by side, else pixels."""
    size = np.dtype(dtype).itemsize
    if last:
        return program.compiled(text(BITS_OF_ROWS, 6, dtype=dtype, size=size))
    return program.compiled(text(BITS, 7, dtype=dtype, size=size, lanes=4 * lanes))


@cache
def tables_program() -> Callable[..., Any]:
    """For tables of any lengths."""
    return program.compiled(text(TABLES, 11))


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
    return found


def bits(x: NDArray[Any], group: int = 1) -> NDArray[np.uint32]:
    """Signs [N, C, D1, …] as bits [N, G, D1, …, ⌈C/G/32⌉]: what `xnor` takes instead, and layers can hand on.

    Bit c mod 32 of word ⌊c/32⌋ is 1 where channel c of the group is above 0, else 0; bits beyond C/G are 0.
    """
    C = x.shape[1] // group
    y = np.empty((x.shape[0], group, *x.shape[2:], -(-C // WORD)), np.uint32)
    write_bits(x, group, address(y), chosen().lanes, 1)
    return y


def bits_of_rows(x: NDArray[Any]) -> NDArray[np.uint32]:
    """Signs [N, C] as bits [N, ⌈C/32⌉], as `bits` gives them for images of one pixel."""
    y = np.empty((len(x), -(-x.shape[1] // WORD)), np.uint32)
    x = loadable(x)
    kernel = bits_program(x.dtype.name, True, chosen().lanes)
    kernel(0, len(x), address(x), address(y), *x.shape[1:], *y.shape[1:])
    return y


def loadable(x: NDArray[Any]) -> NDArray[Any]:
    """The same signs, contiguous, in a type that programs load."""
    if x.dtype.name not in ELEMENTS:
        x = (x > 0).view(np.int8)
    return np.ascontiguousarray(x)


def write_bits(x: NDArray[Any], group: int, y: int, lanes: int, threads: int) -> None:
    """Writes `bits` of x at the address y."""
    x = loadable(x)
    channels = x.shape[1] // group
    words = -(-channels // WORD)
    kernel = bits_program(x.dtype.name, False, lanes)
    pixels = math.prod(x.shape[2:])
    in_parts(len(x) * group * words, threads, kernel, address(x), y, pixels, channels, words)
