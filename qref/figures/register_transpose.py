"""Vectors of channels become vectors of pixels: a transpose in registers, by shuffles of pairs."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from qref.figures.figure import Figure
from qref.figures.sheet import Sheet, painted

LANES = 4
FILLS = ("blue-fill", "orange-fill", "green-fill", "purple-fill")


def exchanged(vectors: NDArray[Any], distance: int) -> NDArray[Any]:
    """Each pair of vectors `distance` apart exchanges blocks of so many lanes: two shuffles a pair."""
    found = vectors.copy()
    for i in range(len(vectors)):
        if not i & distance:
            for j in range(vectors.shape[1]):
                if not j & distance:
                    found[i, j + distance], found[i + distance, j] = vectors[i + distance, j], vectors[i, j + distance]
    return found


def draw() -> Any:
    """Four vectors before, between and after two rounds of shuffles."""
    pixel, channel = np.indices((LANES, LANES))
    vectors = pixel * LANES + channel
    sheet = Sheet(25.6, 9.0)
    top = 3.2
    sheet.heading(0.6, 0.8, "From sums to planes", "a row of cells is a register; numbers are pixels, fills channels")
    states = [("a register a pixel", vectors)]
    for distance in (LANES // 2, LANES // 4):
        vectors = exchanged(vectors, distance)
        states.append((f"pairs {distance} apart", vectors))
    for place, (words, values) in enumerate(states):
        x = 0.9 + 9.0 * place
        fills = np.array(FILLS)[values % LANES]
        sheet.matrix(x, top, values // LANES, painted(fills))
        for row in range(LANES):
            sheet.frame(x, top + row, LANES, 1, "line")
        if place:
            sheet.arrow(x - 4.4, top + LANES / 2, x - 0.5, top + LANES / 2)
            sheet.text(x - 2.5, top + LANES / 2 - 0.7, words, size=8, tone="muted")
        else:
            sheet.span(x, x + LANES, top + LANES + 0.7, words)
    sheet.span(18.9, 18.9 + LANES, top + LANES + 0.7, "a register a channel: one store")
    return sheet.figure


FIGURE = Figure(
    "register-transpose", "Four vectors of channels become four vectors of pixels by two rounds of shuffles", draw
)
