"""Direct convolution on the seed's example: a 5×5 image and a 3×3 kernel of zeros and ones."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from qref.conv.direct import direct
from qref.conv.geometry import Geometry
from qref.figures.figure import Figure
from qref.figures.sheet import Sheet

IMAGE = np.array([[1, 1, 1, 0, 0], [0, 1, 1, 1, 0], [0, 0, 1, 1, 1], [0, 0, 1, 1, 0], [0, 1, 1, 0, 0]])
TAPS = np.array([[1, 0, 1], [0, 1, 0], [1, 0, 1]])
WINDOWS = {(0, 0): "orange", (2, 2): "blue"}  # output position: its colour
UNIT = 0.36


def draw() -> Any:
    """Two windows on the image, the products under one of them, and the outputs that they give."""
    k = len(TAPS)
    geometry = Geometry((k, k), (1, 1), (1, 1), (0, 0), (0, 0))
    output = direct(IMAGE[np.newaxis, np.newaxis], TAPS[np.newaxis, np.newaxis], geometry)[0, 0]
    sheet = Sheet(20.2, 8.9, UNIT)
    image, kernel, out, top = 0.8, 8.2, 15.2, 2.2
    sheet.heading(image, 0.6, "Image x", "5×5; a window for each output")
    under = {(p + r, q + s): (tone, TAPS[r, s]) for (p, q), tone in WINDOWS.items() for r in range(k) for s in range(k)}
    sheet.matrix(image, top, IMAGE, lambda at: f"{under[at][0]}-fill" if at in under else "cell", size=9)
    for (i, j), (tone, tap) in under.items():
        sheet.text(image + j + 0.74, top + i + 0.79, f"×{tap}", size=6.5, tone=tone)
    for (p, q), tone in WINDOWS.items():
        sheet.frame(image + q, top + p, k, k, tone)
    sheet.heading(kernel, 0.6, "Kernel w", "3×3, not flipped")
    sheet.matrix(kernel, top + 1, TAPS, size=9)
    sheet.text((image + 5 + kernel) / 2, top + 2.5, "∗", size=14, tone="muted")
    sheet.heading(out, 0.6, "Output y", "3×3")
    sheet.matrix(out, top + 1, output, lambda at: f"{WINDOWS[at]}-fill" if at in WINDOWS else "cell", size=9)
    for (p, q), tone in WINDOWS.items():
        sheet.frame(out + q, top + 1 + p, 1, 1, tone)
    sheet.text((kernel + 3 + out) / 2, top + 2.5, "=", size=14, tone="muted")
    for line, ((p, q), tone) in enumerate(WINDOWS.items()):
        sheet.text(image, top + 5.7 + 0.6 * line, arithmetic(p, q, output), size=8.5, tone=tone, align="left")
    return sheet.figure


def arithmetic(p: int, q: int, output: NDArray[Any]) -> str:
    """The sum of products under the window of an output."""
    k = len(TAPS)
    window = IMAGE[p : p + k, q : q + k].ravel()
    products = " + ".join(f"{pixel}·{tap}" for pixel, tap in zip(window, TAPS.ravel()))
    return f"y[{p},{q}] = {products} = {output[p, q]}"


FIGURE = Figure("direct", "Direct convolution: a 3×3 kernel on a 5×5 image, window by window", draw)
