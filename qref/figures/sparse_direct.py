"""Sparse direct convolution: compressed weights stretched over the padded image, of numbered places."""

from typing import Any

import numpy as np

from qref.conv.geometry import Geometry
from qref.conv.sparse_direct import seen_from, stretch
from qref.figures.figure import Figure
from qref.figures.sheet import Sheet, painted

SIDE, PAD = 5, 1
KERNEL = np.array([[0, 3, 0], [0, 0, -2], [5, 0, 0]])
TONES = ("orange", "blue", "green")


def draw() -> Any:
    """Kernel → stretched row; each weight meets the image from its own place on."""
    geometry = Geometry((3, 3), (1, 1), (1, 1), (PAD, PAD), (PAD, PAD))
    padded = (SIDE + 2 * PAD, SIDE + 2 * PAD)
    places = np.arange(padded[0] * padded[1])
    image = places.reshape(padded)
    sparse = stretch(KERNEL[np.newaxis, np.newaxis], geometry, padded)
    tone = dict(zip(sparse.columns.tolist(), TONES))

    sheet = Sheet(29.4, 19.6)
    left, right, top = 0.8, 8.2, 2.4
    sheet.heading(left, 0.7, "Kernel", "3 of 9 weights are not zero")
    words = np.where(KERNEL == 0, "", KERNEL.astype(str))
    inside = np.full(KERNEL.shape, "paper", dtype=object)
    for r, s in np.argwhere(KERNEL).tolist():
        inside[r, s] = f"{tone[int(image[r, s])]}-fill"
    sheet.matrix(left, top, words, painted(inside), size=8)

    length = int(sparse.columns.max()) + 1
    sheet.heading(
        right, 0.7, "Stretched", f"the weight at (r, s) stands at r·{padded[1]} + s, its place in the padded image"
    )
    row = np.full((1, length), "", dtype=object)
    row[0, sparse.columns] = sparse.values
    sheet.matrix(right, top, row, lambda at: f"{tone[at[1]]}-fill" if at[1] in tone else "paper", size=8)
    for place in range(length):
        sheet.text(right + place + 0.5, top + 1.5, str(place), size=6.5, tone="muted")
    sheet.text(right, top + 2.7, "compressed row:", size=8, tone="muted", align="left")
    sheet.text(
        right + 5.4, top + 2.7, f"values {listed(sparse.values)}   places {listed(sparse.columns)}", align="left"
    )

    border = np.pad(np.zeros((SIDE, SIDE), bool), PAD, constant_values=True)
    below = top + 7.4
    sheet.heading(
        left,
        below - 2.4,
        "Output",
        "every weight adds itself times the padded image seen from its place on, all outputs at once",
    )
    for j, (value, place) in enumerate(zip(sparse.values.tolist(), sparse.columns.tolist())):
        x = left + 9.6 * j
        seen = seen_from(place, places, geometry, (SIDE, SIDE), padded)
        fills = np.where(np.isin(image, seen), f"{TONES[j]}-fill", np.where(border, "paper", "cell"))
        sheet.matrix(x, below + 1, image, painted(fills), size=7)
        sheet.frame(x + place % padded[1], below + 1 + place // padded[1], SIDE, SIDE, TONES[j])
        sign = ("− " if value < 0 else "+ ") if j else "y = "
        sheet.text(x, below, f"{sign}{abs(value)} ×", size=10, align="left", tone=TONES[j], weight="bold")
    sheet.text(left, below + 8.9, "Cells without a fill are padding.", size=8, tone="muted", align="left")
    return sheet.figure


def listed(values: Any) -> str:
    """3 −2 5."""
    return " ".join(str(value) for value in values.tolist()).replace("-", "−")


FIGURE = Figure("sparse-direct", "Sparse direct convolution: weights stretched over the padded image", draw)
