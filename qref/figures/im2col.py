"""im2col: an image of numbered pixels, lowered by the algorithm itself; its product with the kernels."""

from collections import Counter
from typing import Any

import numpy as np

from qref.conv.geometry import Geometry
from qref.conv.im2col import lower
from qref.figures.figure import Figure
from qref.figures.sheet import Sheet, copies

SIDE, KERNEL, WINDOW = 5, 3, 4  # the window whose column is framed
KERNELS = 2


def draw() -> Any:
    """Image → column matrix; kernels × column matrix = output, laid out as the product is."""
    geometry = Geometry((KERNEL, KERNEL), (1, 1), (1, 1), (0, 0), (0, 0))
    image = np.arange(1, SIDE * SIDE + 1).reshape(SIDE, SIDE)
    output = geometry.output(image.shape)
    columns = np.empty((1, KERNEL, KERNEL, *output), image.dtype)
    lower(image[np.newaxis], geometry, columns)
    taps, windows = KERNEL * KERNEL, output[0] * output[1]
    matrix = columns.reshape(taps, windows)
    times = Counter(matrix.ravel().tolist())

    sheet = Sheet(27.5, 18.8)
    left, right, top = 1.0, 14.2, 2.4
    sheet.heading(left, 0.7, "Image", "5×5 pixels, numbered")
    sheet.matrix(left, top, image, lambda at: copies(times[image[at]]))
    position = np.unravel_index(WINDOW, output)
    sheet.frame(left + position[1], top + position[0], KERNEL, KERNEL, "orange")
    counts = sorted(set(times.values()))
    sheet.legend(left, top + SIDE + 1.1, "copies of a pixel", [copies(n) for n in counts], counts)

    sheet.heading(right, 0.7, "Column matrix", f"{taps}×{windows}: {matrix.size} numbers for {image.size} pixels")
    sheet.matrix(right, top, matrix, lambda at: copies(times[matrix[at]]))
    sheet.frame(right + WINDOW, top, 1, taps, "orange")
    sheet.arrow(left + SIDE + 0.4, top + 2.5, right - 2.0, top + 2.5)
    sheet.text((left + SIDE + right - 1.6) / 2, top + 1.6, "one column a window", size=8, tone="muted")
    sheet.rise(top, top + taps, right + windows + 0.6, "C·k·k taps", left=False)

    bottom = top + taps + 3.4
    product(sheet, left, right, bottom, taps, windows)
    return sheet.figure


def product(sheet: Sheet, left: float, right: float, top: float, taps: int, windows: int) -> None:
    """The kernels beside the output, each element of which is a row times the column above it."""
    kernels = np.array([[f"$w_{{{t + 1}}}$" for t in range(taps)], [f"$v_{{{t + 1}}}$" for t in range(taps)]])
    outputs = np.array([[f"$y_{{{p + 1}}}$" for p in range(windows)], [f"$z_{{{p + 1}}}$" for p in range(windows)]])
    sheet.heading(left, top - 1.7, "Kernels", "one a row")
    sheet.matrix(left, top, kernels, "orange-fill")
    sheet.span(left, left + taps, top + KERNELS + 0.6, "C·k·k taps")
    sheet.text((left + taps + right) / 2, top + 1, "×  columns  =", size=9, tone="muted")
    sheet.heading(right, top - 1.7, "Output", "each channel is a row, in the order of the windows")
    sheet.matrix(right, top, outputs, "green-fill")
    sheet.frame(right + WINDOW, top, 1, 1, "orange")
    sheet.frame(left, top, taps, 1, "orange")
    sheet.span(right, right + windows, top + KERNELS + 0.6, r"$o_h \cdot o_w$ windows")


FIGURE = Figure("im2col", "im2col: numbered pixels copied into a column matrix, one column a window", draw)
