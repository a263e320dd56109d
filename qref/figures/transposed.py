"""Transposed convolution: each pixel of the input stamps the kernel, times itself, into the output."""

from typing import Any

import numpy as np

from qref.conv.geometry import Geometry
from qref.conv.transposed import output_shape, transposed
from qref.figures.figure import Figure
from qref.figures.sheet import Sheet, copies

X = np.array([[1, 2], [3, 4]])
W = np.array([[1, 0, 1], [0, 2, 0], [1, 0, 1]])
TONES = ("orange", "blue", "green", "purple")


def draw() -> Any:
    """Input, kernel, and the output with the stamp of each pixel framed and the overlaps shaded."""
    geometry = Geometry((3, 3), (2, 2), (1, 1), (0, 0), (0, 0))
    output = output_shape(X.shape, geometry, (0, 0))
    y = transposed(X[np.newaxis, np.newaxis], W[np.newaxis, np.newaxis], geometry, output)[0, 0]
    ones = np.ones_like(X)[np.newaxis, np.newaxis], np.ones_like(W)[np.newaxis, np.newaxis]
    stamps = transposed(*ones, geometry, output)[0, 0]

    sheet = Sheet(23.8, 9.4, 0.31)
    a, b, c, top = 0.8, 6.2, 13.6, 2.2
    sheet.heading(a, 0.7, "Input x")
    sheet.matrix(a, top + 1.5, X, lambda at: f"{TONES[2 * at[0] + at[1]]}-fill", size=9)
    sheet.text(a + 3.6, top + 2.5, "∗", size=14, tone="muted")
    sheet.heading(b, 0.7, "Kernel w", "stride 2")
    sheet.matrix(b, top + 1, W, size=9)
    sheet.text(b + 5.2, top + 2.5, "=", size=14, tone="muted")
    sheet.heading(c, 0.7, "Output y", "stamps add up where they overlap")
    sheet.matrix(c, top, y, lambda at: copies(int(stamps[at])), size=9)
    for i, j in np.ndindex(*X.shape):
        tone, inset = TONES[2 * i + j], 0.05 * (2 * i + j)
        rows, columns = geometry.window((i, j))
        height, width = rows.stop - rows.start, columns.stop - columns.start
        sheet.frame(c + columns.start + inset, top + rows.start + inset, width - 2 * inset, height - 2 * inset, tone)
    counts = sorted(set(stamps.ravel().tolist()))
    sheet.legend(c + 6.2, top + 1.2, "stamps", [copies(n) for n in counts], counts)
    centre = " + ".join(f"{pixel}·{tap}" for pixel, tap in zip(X.ravel(), (W[2, 2], W[2, 0], W[0, 2], W[0, 0])))
    sheet.text(a, top + 6.4, f"The middle: {centre} = {y[2, 2]}", size=8.5, tone="muted", align="left")
    return sheet.figure


FIGURE = Figure("transposed", "Transposed convolution: each pixel stamps the kernel into the output", draw)
