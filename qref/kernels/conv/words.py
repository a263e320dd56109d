"""Images of 8-bit integers as dot products take them: channels side by side, filled up to whole words.

A group's channels are filled up to a multiple of four by channels that meet weights of zero. What already lies so is
taken as it is: NHWC of the right type, and single pixels.
"""

import math
from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qref.kernels import program
from qref.kernels.conv.kernel import address, in_parts
from qref.kernels.layout import Layout
from qref.kernels.tile.words import PIXELS, shift

FOUR = 4
CHUNK = 4 * PIXELS
"""Pixels of a channel at a time: a cache line."""
TEXT = '''"""A program of qref.kernels; qref/kernels/conv/words.py says what it is."""

from numba import int64, njit, void

from qref.kernels.tile.words import turned

four = turned(4, "{source}", "{target}")
sixteen = turned(16, "{source}", "{target}")


@njit(void(*[int64] * 9), cache=True, nogil=True)
def kernel(first, last, x, y, groups, channels, pixels, y_pixel, y_group):
    chunks = (pixels + {chunk} - 1) // {chunk}
    whole = channels // 16 * 16
    size = y_group // ((channels + 3) // 4 * 4)
    for item in range(first, last):
        chunk, place = item % chunks, item // chunks
        source = x + place * channels * pixels
        target = y + place // groups * pixels * y_pixel + place % groups * y_group
        begin, end = chunk * {chunk}, min((chunk + 1) * {chunk}, pixels)
        for c in range(0, whole, 16):
            for p in range(begin, end, 16):
                at = min(p, pixels - 16)
                sixteen(source + c * pixels + at, pixels, 16, target + at * y_pixel + c * size, y_pixel)
        for c in range(whole, channels, 4):
            for p in range(begin, end, 16):
                at = min(p, pixels - 16)
                four(source + c * pixels + at, pixels, channels - c, target + at * y_pixel + c * size, y_pixel)
'''


def filled(channels: int) -> int:
    """A group's channels, filled up to whole words."""
    return -(-channels // FOUR) * FOUR


def lies_so(x: NDArray[Any], G: int, layout: Layout, dtype: str) -> bool:
    """Whether images in a layout are words already."""
    pixels = math.prod(x.shape[1:-1] if layout.last else x.shape[2:])
    channels = x.shape[-1] if layout.last else x.shape[1]
    aligned = channels // G % FOUR == 0 and (layout.last or pixels == 1)
    return aligned and x.dtype == dtype and x.flags.c_contiguous


def words(
    x: NDArray[Any], G: int, layout: Layout, dtype: str, threads: int, room: NDArray[np.uint8] | None
) -> NDArray[Any]:
    """Images in NCHW or NHWC as numbers x + `shift` of dtype, [N, pixels, G, channels]; what fills up is anything.

    room: bytes for them, `nbytes` of them; None where `lies_so`.
    """
    if room is None:
        return x
    N, C = len(x), x.shape[-1 if layout.last else 1] // G
    pixels = math.prod(x.shape[1:-1] if layout.last else x.shape[2:])
    y = room.view(dtype).reshape(N, pixels, G, filled(C))
    if layout.last or pixels < PIXELS or not C:
        inner = x if layout.last else np.moveaxis(x, 1, -1)
        np.add(inner.reshape(N, pixels, G, C), shift(x.dtype, dtype), out=y[..., :C], dtype=np.int16, casting="unsafe")
        return y
    x = np.ascontiguousarray(x)
    sizes = (G, C, pixels, y.strides[1], y.strides[2])
    in_parts(N * G * -(-pixels // CHUNK), threads, turning(x.dtype, dtype), address(x), address(y), *sizes)
    return y


@cache
def turning(source: np.dtype[Any], target: str) -> Callable[..., None]:
    """The program that turns planes of the one type to words of the other."""
    return program.compiled(TEXT.format(source=source, target=target, chunk=CHUNK))


def nbytes(N: int, C: int, G: int, pixels: int, dtype: str) -> int:
    """Bytes of the words of N images of G·C channels."""
    return N * pixels * G * filled(C) * np.dtype(dtype).itemsize
