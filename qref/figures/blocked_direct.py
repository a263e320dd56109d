"""Blocked direct convolution: a tile of outputs stays in registers while taps and channels go by."""

from typing import Any

import numpy as np

from qref.conv.blocked_direct import K_B, TILE
from qref.conv.layouts import packed
from qref.figures.figure import Figure
from qref.figures.sheet import Sheet

PART = 4  # channels in a block, in the drawing of the packed weights


def draw() -> Any:
    """One step of the innermost loop, an outer product; and where the weights of such a step lie."""
    sheet = Sheet(36.4, 29.5, 0.2)
    left, x, y = 0.8, 12.4, 6.6
    note = f"one tap, one input channel: {TILE} pixels times {K_B} weights, added to {TILE}·{K_B} sums"
    sheet.heading(left, 0.9, "One step", note)
    blank(sheet, x, y - 1.7, 1, K_B, "orange-fill")
    sheet.text(x, y - 2.4, f"{K_B} weights: one vector, loaded once", size=8, align="left")
    blank(sheet, x - 1.7, y, TILE, 1, "blue-fill")
    for line, words in enumerate((f"{TILE} pixels", "of one row,", "each broadcast")):
        sheet.text(x - 2.4, y + TILE / 2 + line - 1, words, size=8, align="right", tone="muted" if line else "ink")
    blank(sheet, x, y, TILE, K_B, "green-fill")
    for i in range(TILE):
        sheet.frame(x, y + i, K_B, 1, "green")
    for line, words in enumerate((f"{TILE} registers", f"of {K_B} sums,", "stored once,", "at the end")):
        sheet.text(
            x + K_B + 0.8, y + TILE / 2 + line - 1.5, words, size=8, align="left", tone="muted" if line else "ink"
        )
    weights(sheet, left, y + TILE + 3.2)
    return sheet.figure


def blank(sheet: Sheet, x: float, y: float, rows: int, columns: int, fill: str) -> None:
    """Cells without numbers."""
    sheet.matrix(x, y, np.full((rows, columns), "", dtype=object), fill)


def weights(sheet: Sheet, x: float, y: float) -> None:
    """The beginning of the packed weights, as the layout itself orders their numbers."""
    channels = 2 * PART
    w = np.arange(channels * channels).reshape(channels, channels, 1, 1)  # output channel · channels + input channel
    order = packed(w, PART, PART).ravel()[: 6 * PART]
    note = f"in the order of memory, drawn with blocks of {PART}: output channel, input channel"
    sheet.heading(x, y - 0.9, "Weights, packed", note)
    names = np.array([[f"{value // channels},{value % channels}" for value in order]])
    wide = 1.4
    sheet.matrix(x, y + 1, names, lambda at: ("orange-fill", "cell")[at[1] // PART % 2], wide=wide, size=7)
    for step, words in enumerate(("one step", "the next")):
        begin = x + wide * PART * step
        sheet.span(begin + 0.15, begin + wide * PART - 0.15, y + 2.8, words)


FIGURE = Figure("blocked-direct", "Blocked direct convolution: a tile of outputs in registers, packed weights", draw)
