"""Deep Compression's relative index: the paper's sixteen weights, their gaps of three bits, and the filler zero."""

from typing import Any

import numpy as np

from qref.compression.relative_index import sparse
from qref.figures.figure import Figure
from qref.figures.sheet import Sheet

COUNT, GAP_BITS = 16, 3
NUMBERS = {1: 3.4, 4: 0.9, 15: 1.7}  # figure 2 of the paper
WIDE = 1.9


def draw() -> Any:
    """The weights in memory, and below each entry its gap and value."""
    W = np.zeros(COUNT, np.float32)
    W[list(NUMBERS)] = list(NUMBERS.values())
    found = sparse(W, None, None, GAP_BITS)
    places = found.positions().tolist()
    x, y = 3.6, 3.2
    sheet = Sheet(x + COUNT * WIDE + 0.8, 11.4)
    note = "16 weights, three of them left; a filler where more than 7 zeros lie between two numbers"
    sheet.heading(0.8, 0.8, "Relative index, gaps of 3 bits", note)

    def fill(place: int) -> str:
        if place not in places:
            return "cell"
        return "blue-fill" if W[place] else "orange-fill"

    sheet.text(x - 0.4, y + 0.5, "place", align="right", size=8, tone="muted")
    sheet.text(x - 0.4, y + 1.5, "weight", align="right", size=8, tone="muted")
    for place in range(COUNT):
        sheet.text(x + (place + 0.5) * WIDE, y + 0.5, str(place), size=7, tone="muted")
    shown = np.array([[f"{w:g}" for w in W.astype(np.float64).round(1)]])
    sheet.matrix(x, y + 1, shown, lambda at: fill(at[1]), wide=WIDE)
    before = -1
    for place, gap in zip(places, found.gaps.tolist()):
        if gap:
            sheet.span(x + (before + 1) * WIDE + 0.15, x + place * WIDE - 0.15, y + 2.6, f"{gap}")
        before = place
    rows = np.array([[str(gap) for gap in found.gaps], [f"{gap:03b}" for gap in found.gaps]])
    sheet.text(x - 0.4, y + 5.0, "gap", align="right", size=8, tone="muted")
    sheet.text(x - 0.4, y + 6.0, "3 bits", align="right", size=8, tone="muted")
    sheet.text(x - 0.4, y + 7.0, "value", align="right", size=8, tone="muted")
    values = np.array([[f"{v:g}" for v in found.values.astype(np.float64).round(1)]])  # type: ignore[union-attr]
    table = np.concatenate([rows, values])
    sheet.matrix(x, y + 4.5, table, lambda at: fill(places[at[1]]), wide=WIDE)
    return sheet.figure


FIGURE = Figure("relative-index", "Relative index of Deep Compression: gaps of three bits and a filler zero", draw)
