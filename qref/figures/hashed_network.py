"""Random weight sharing: a matrix of virtual weights, and the real weights that its places take."""

from typing import Any

import numpy as np

from qref.codebooks.hashed import Hash, Hashed
from qref.figures.figure import Figure
from qref.figures.sheet import Sheet

FILLS = ("blue-fill", "orange-fill", "green-fill", "purple-fill")
w = np.array([1, 2, 3, 4], np.float32)
SHAPE, HASH = (4, 8), Hash(seed=9)


def draw() -> Any:
    """The virtual weights on the left, coloured by bucket, and the real ones."""
    buckets = HASH.buckets(SHAPE, w.size)
    V = Hashed(SHAPE, w, HASH).decode().astype(np.int64)
    sheet = Sheet(24.0, 8.6, 0.3)
    left, right, top = 1.4, 14.4, 2.6
    sheet.heading(left, 1.0, "Virtual weights V", "32 places, none stored")
    sheet.matrix(left, top, V, lambda at: FILLS[buckets[at]])
    sheet.heading(right, 1.0, "Real weights w", "four numbers and a seed")
    for k, value in enumerate(w.astype(int)):
        sheet.matrix(right, top + k, np.array([[value]]), FILLS[k])
        count = int((buckets == k).sum())
        sheet.text(
            right + 1.5, top + k + 0.5, f"bucket {k}, shared by {count} places", size=8, tone="muted", align="left"
        )
    sheet.text(left, 7.7, "colour: h(i, j), a hash modulo 4      sign: ξ(i, j), a second hash", size=8, align="left")
    return sheet.figure


FIGURE = Figure("hashed-network", "Virtual weights that take the value of the bucket that their place hashes to", draw)
