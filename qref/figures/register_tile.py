"""The register tile: pixels of a row times vectors of output channels, and what one round of the inner loop does."""

from typing import Any

import numpy as np

from qref.figures.figure import Figure
from qref.figures.sheet import Sheet

PIXELS, VECTORS, LANES, REGISTERS = 6, 2, 8, 16
"""Those of AVX2; tests hold them against `qref.kernels.instructions`."""
UNIT = 0.27


def draw() -> Any:
    """One round, an outer product; and the registers that it needs."""
    sheet = Sheet(32.8, 13.4, UNIT)
    x, y = 8.2, 5.6
    note = f"one tap, one input channel: {VECTORS} loads, {PIXELS} broadcasts, {PIXELS}·{VECTORS} multiply-adds"
    sheet.heading(0.6, 0.8, "One round", note)
    for v in range(VECTORS):
        left = x + v * (LANES + 0.8)
        cells(sheet, left, y - 1.7, 1, LANES, "orange-fill")
        sheet.text(
            left, y - 2.3, f"weights of output channels {v * LANES} … {v * LANES + LANES - 1}", align="left", size=8
        )
        cells(sheet, left, y, PIXELS, LANES, "green-fill")
        for p in range(PIXELS):
            sheet.frame(left, y + p, LANES, 1, "green")
    cells(sheet, x - 1.7, y, PIXELS, 1, "blue-fill")
    for line, words in enumerate((f"{PIXELS} pixels of a row,", "4 bytes each,", "broadcast to", "all lanes")):
        sheet.text(x - 2.2, y + PIXELS / 2 - 1.5 + line, words, size=8, align="right", tone="muted" if line else "ink")
    words = f"{PIXELS * VECTORS} sums: vectors that stay in registers while all taps and channels go by"
    sheet.text(x, y + PIXELS + 0.8, words, size=8, align="left")
    registers(sheet, x + VECTORS * (LANES + 0.8) + 2.0, 3.2)
    return sheet.figure


def cells(sheet: Sheet, x: float, y: float, rows: int, columns: int, fill: str) -> None:
    """Cells without numbers."""
    sheet.matrix(x, y, np.full((rows, columns), "", dtype=object), fill)


def registers(sheet: Sheet, x: float, y: float) -> None:
    """What each register holds."""
    sums = PIXELS * VECTORS
    kinds = ((sums, "green-fill", "sums"), (VECTORS, "orange-fill", "weights"), (1, "blue-fill", "a pixel"))
    free = REGISTERS - sum(count for count, _, _ in kinds)
    sheet.heading(x, 0.8, f"{REGISTERS} registers")
    done, size = 0.0, 0.55
    for count, fill, words in (*kinds, (free, "cell", "free")):
        for i in range(count):
            sheet.box(x, y - 1.2 + (done + i) * size, 2.2, size, fill=fill, edge="line", width=0.6)
        sheet.text(x + 2.6, y - 1.2 + (done + count / 2) * size, f"{count} {words}", size=8, align="left")
        done += count


FIGURE = Figure("register-tile", "The register tile: 6 pixels times 2 vectors of 8 output channels", draw)
