"""Packed weights of the float tile: the order in which its loops meet them."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from qref.figures.figure import Figure
from qref.figures.sheet import Sheet

ACROSS, PART, TAPS = 4, 2, 2
"""In the drawing: output channels of a tile, channels of a block, taps along each axis."""
CHANNELS = 4


def order(w: NDArray[Any], across: int, part: int) -> NDArray[Any]:
    """w [K, C, k2, k3] by block of output channels, block of channels, row of taps, tap, channel, output channel."""
    K, C = w.shape[:2]
    blocks = w.reshape(K // across, across, C // part, part, *w.shape[2:])
    return blocks.transpose(0, 2, 4, 5, 3, 1)


def draw() -> Any:
    """One block of channels as a strip of memory, and whose loop each piece is."""
    w = np.arange(ACROSS * CHANNELS * TAPS * TAPS).reshape(ACROSS, CHANNELS, TAPS, TAPS)
    strip = order(w, ACROSS, PART)[0, 0].ravel()
    k, c, _, s = np.unravel_index(strip, w.shape)
    length = len(strip)
    sheet = Sheet(length * 1.1 + 1.6, 10.9, 0.23)
    x, y = 0.8, 3.4
    note = f"tiles of {ACROSS} output channels, blocks of {PART} channels; a cell: output channel, channel; fills: taps"
    sheet.heading(x, 0.8, "Weights in memory", note)
    names = np.array([[f"{a},{b}" for a, b in zip(k, c)]])
    fills = ("orange-fill", "blue-fill")
    sheet.matrix(x, y, names, lambda at: fills[int(s[at[1]])], size=6.5, wide=1.1)
    for line, (size, words) in enumerate(
        (
            (ACROSS, "a round: V loads"),
            (ACROSS * PART, "a tap: the channels of a block"),
            (ACROSS * PART * TAPS, "a row of taps"),
            (length, "a block of channels; the next one follows, then the next output channels"),
        )
    ):
        for begin in range(0, length, size):
            first = begin == 0
            sheet.span(
                x + 1.1 * begin + 0.12, x + 1.1 * (begin + size) - 0.12, y + 1.7 + 1.6 * line, words if first else ""
            )
    return sheet.figure


FIGURE = Figure("packed-weights", "Packed weights of the float tile, in the order of its loops", draw)
