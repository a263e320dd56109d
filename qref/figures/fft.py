"""Convolution by FFT: image and kernel in a square of zeros, their spectra, the product, and the way back."""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.fft import irfftn, rfftn

from qref.conv.fft import lengths
from qref.conv.geometry import Geometry
from qref.figures.figure import Figure
from qref.figures.sheet import Sheet

IMAGE = np.array(
    [[0, 2, 2, 2, 0, 0], [0, 2, 0, 0, 2, 0], [0, 2, 2, 2, 0, 0], [0, 2, 0, 2, 0, 0], [0, 2, 0, 0, 2, 0], [0] * 6]
)
KERNEL = np.array([[0, 1, 0], [1, 1, 1], [0, 1, 0]])
SHADES = ("cell", "copies-1", "copies-2", "copies-3", "copies-4", "copies-6", "copies-9")


def draw() -> Any:
    """Magnitudes as shades; the outputs that are kept are framed, what wraps around lies outside."""
    geometry = Geometry((3, 3), (1, 1), (1, 1), (0, 0), (0, 0))
    L, output = lengths(geometry, IMAGE.shape), geometry.output(IMAGE.shape)
    laid = [np.zeros(L), np.zeros(L)]
    laid[0][:6, :6], laid[1][:3, :3] = IMAGE, KERNEL
    X, W = (rfftn(one) for one in laid)
    y = np.rint(irfftn(X * np.conj(W), L)).astype(int)

    sheet = Sheet(39.6, 22.4, 0.2)
    a, b, c, e = 0.8, 12.2, 21.0, 30.6
    above, below, middle = 2.7, 13.8, 8.2
    sheet.heading(a, 0.8, "Image", "in 8×8 zeros")
    shaded(sheet, a, above, laid[0])
    sheet.frame(a, above, 6, 6, "blue")
    sheet.heading(a, below - 1.9, "Kernel", "in 8×8 zeros")
    shaded(sheet, a, below, laid[1])
    sheet.frame(a, below, 3, 3, "blue")
    sheet.heading(b, 0.8, "|X|", "its other half is known")
    shaded(sheet, b, above, np.abs(X))
    sheet.heading(b, below - 1.9, "|W|", "conjugated")
    shaded(sheet, b, below, np.abs(W))
    sheet.heading(c, middle - 1.9, "|X · conj W|", "summed over channels")
    shaded(sheet, c, middle, np.abs(X * np.conj(W)))
    sheet.heading(e, middle - 1.9, "Output", "framed; the rest wraps around")
    numbers(sheet, e, middle, y, output)
    sheet.arrow(a + 8.4, above + 4, b - 0.4, above + 4)
    sheet.text((a + b + 8) / 2, above + 3.2, "FFT", size=8, tone="muted")
    sheet.arrow(a + 8.4, below + 4, b - 0.4, below + 4)
    sheet.text((a + b + 8) / 2, below + 3.2, "FFT", size=8, tone="muted")
    sheet.arrow(b + 5.4, above + 5, c - 0.4, middle + 3)
    sheet.arrow(b + 5.4, below + 3, c - 0.4, middle + 5.4)
    sheet.arrow(c + 5.4, middle + 4.3, e - 0.4, middle + 4.3)
    sheet.text((c + e + 5) / 2, middle + 3.5, "inverse", size=8, tone="muted")
    return sheet.figure


def shaded(sheet: Sheet, x: float, y: float, values: NDArray[Any]) -> None:
    """Cells whose shade is the value's share of the largest."""
    steps = np.rint(values / values.max() * (len(SHADES) - 1)).astype(int)
    sheet.matrix(x, y, np.full(values.shape, ""), lambda at: SHADES[steps[at]])


def numbers(sheet: Sheet, x: float, y: float, values: NDArray[Any], output: tuple[int, ...]) -> None:
    """The numbers of the output, those that are kept in a frame and shaded."""
    sheet.matrix(
        x, y, values, lambda at: "green-fill" if at[0] < output[0] and at[1] < output[1] else "paper", size=6.5
    )
    sheet.frame(x, y, output[1], output[0], "green")


FIGURE = Figure("fft", "Convolution by FFT: spectra of image and kernel, their product, and the inverse", draw)
